import type { Finding } from '../finding';
import type { TemplateJson } from '../lifecycle';
import type { ControlReport } from './schema';

type Pointer = ControlReport['problems'][number]['at'][number];

/** The places of a template at which the allow-list has findings, by the resources that they concern. */
export class Pointers {
  readonly #bodies = new Map<string, string>();

  constructor(
    private readonly findings: readonly Finding[],
    private readonly resources: TemplateJson['Resources'],
  ) {}

  /**
   * Returns the findings about a resource, else those about resources that it refers to or that refer to it, such as the
   * policies of a role, else those about resources that are missing.
   */
  of(id: string): readonly Pointer[] {
    const own = this.findings.filter(({ resource }) => resource === id);
    const near = this.findings.filter(({ resource }) => this.#refers(resource, id) || this.#refers(id, resource));
    return pointersTo([own, near, this.#missing()].find((found) => found.length > 0) ?? []);
  }

  /** Returns the findings about a resource that a template lacks, by its type or the name that a check has for it. */
  ofMissing(name: string): readonly Pointer[] {
    const service = name.split('::').slice(0, 2).join('::');
    const typed = (wanted: (type: string) => boolean) => this.findings.filter(({ resource }) => wanted(this.#typeOf(resource))); // prettier-ignore
    const candidates = [
      typed((type) => type === name),
      this.#missing(),
      service.startsWith('AWS::') ? typed((type) => type.startsWith(`${service}::`)) : [],
    ];
    return pointersTo(candidates.find((found) => found.length > 0) ?? []);
  }

  #missing(): readonly Finding[] {
    return this.findings.filter(({ resource }) => !Object.hasOwn(this.resources, resource));
  }

  #typeOf(id: string): string {
    const type = this.resources[id]?.Type;
    return typeof type === 'string' ? type : '';
  }

  #refers(from: string, to: string): boolean {
    return from !== '' && to !== '' && this.#body(from).includes(`"${to}"`);
  }

  #body(id: string): string {
    const known = this.#bodies.get(id) ?? JSON.stringify(this.resources[id] ?? '');
    this.#bodies.set(id, known);
    return known;
  }
}

/** Returns each place once; a missing resource is named by its path in the vault. */
function pointersTo(findings: readonly Finding[]): readonly Pointer[] {
  const places = findings.map(({ resource, path, property, expected }) => ({
    resource: resource === '' ? path || 'template' : resource,
    property: property || expected,
  }));
  return [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
}
