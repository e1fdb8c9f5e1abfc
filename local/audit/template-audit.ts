import type { AllowList } from './allow-list';
import { canonical } from './canonical';
import type { Finding } from './finding';
import { at, isList, isObject, type Json } from './json';
import { isMention } from './mentions';
import { auditOutside, mentionsVault } from './outside';
import { STACK } from './roles';
import { readOutputs, readResources, readTypes, type Resource } from './template';
import { Touches } from './touches';
import { VaultAudit } from './vault-audit';
import { findMembers, findPlaces, type Member, type Place } from './vaults';
import { WrittenOut } from './written-out';

/** A template with its vaults found, compared with an allow-list as a whole or one resource at a time. */
export class TemplateAudit {
  readonly vaults: readonly VaultAudit[];
  readonly #places: readonly Place[];
  readonly #resources: readonly Resource[];
  readonly #touches = new Touches();
  readonly #writtenOut: WrittenOut;
  readonly #names = new Map<string, string>();
  readonly #clusters: ReadonlySet<string>;

  constructor(
    private readonly template: unknown,
    list: AllowList,
    stacks: Readonly<Record<string, unknown>> = {},
  ) {
    this.#resources = readResources(template);
    this.#writtenOut = new WrittenOut(template);
    this.#places = findPlaces(this.#resources, list.roles);
    const all = [...this.#resources, ...readOutputs(template)];
    const types = readTypes(template);
    this.vaults = this.#places.map((place) => new VaultAudit(place, all, list, types));
    for (const { members } of this.vaults) {
      for (const [id, { name, role }] of members) if (!role.path.startsWith(STACK)) this.#names.set(id, name);
    }
    this.#clusters = new Set(this.vaults.flatMap(({ members }) => [...members.values()].flatMap(identifierOf)));
    for (const [name, value] of importsOf(stacks, list)) this.#names.set(name, value);
  }

  findings(environments: readonly string[] = []): readonly Finding[] {
    return [
      ...this.vaults.flatMap((vault) => vault.findings()),
      ...this.#resources.filter((resource) => !this.#isMember(resource)).flatMap((each) => this.outside(each)),
      ...this.#wholeTemplate(),
      ...environments
        .filter((name) => !this.#places.some(({ environment }) => environment === name))
        .map((name) => whole(`a vault of the environment ${name}`, 'none')),
    ];
  }

  /** Returns the findings of one resource that belongs to no vault. */
  outside(given: Resource): readonly Finding[] {
    const Properties = this.#writtenOut.value(given.body.Properties ?? {});
    const resource = { ...given, body: { ...given.body, Properties } };
    const findings = auditOutside(resource, this.#nameOf, this.#touches, this.#clusters);
    if (findings.length > 0 || !this.#isBelow(resource)) return findings;
    // below a vault are the resources that it makes, and those that its callers add for the allowed uses
    if (this.#touches.knows(resource.type) && mentionsVault(resource, this.#nameOf)) return [];
    return [{ resource: resource.id, path: resource.path ?? '', property: '', expected: 'no such resource', got: resource.type }]; // prettier-ignore
  }

  readonly #nameOf = (id: string): string => this.#names.get(id) ?? `@${id}`;

  #isMember({ id }: Resource): boolean {
    return this.vaults.some(({ members }) => members.has(id));
  }

  #isBelow({ id, path, environment }: Resource): boolean {
    return this.#places.some((place) => {
      if (path !== undefined && place.path !== undefined) return path.startsWith(`${place.path}/`);
      return environment === place.environment && place.idPrefix !== undefined && id.startsWith(place.idPrefix);
    });
  }

  /** Finds parts of the template that change resources, or read secrets, without being a resource. */
  #wholeTemplate(): readonly Finding[] {
    const { Hooks, Outputs } = isObject(this.template) ? this.template : {};
    const outputs = Object.entries(isObject(Outputs) ? Outputs : {}).filter(([, output]) => {
      const value = this.#writtenOut.value((at(output, 'Value') ?? null) as Json);
      const text = JSON.stringify(canonical(value, this.#nameOf));
      return text.includes('{{resolve:') && isMention(text);
    });
    return [
      ...macrosIn(this.template as Json, '').map((place) => ({ ...whole('a template without macros', 'Transform'), property: place })), // prettier-ignore
      ...(Hooks === undefined ? [] : [whole('a template without hooks', 'Hooks')]),
      ...outputs.map(([name]) => ({ ...whole('no value of a secret', 'a dynamic reference'), property: `Outputs.${name}` })), // prettier-ignore
    ];
  }
}

/** Returns other stacks' exports of their vaults: the name in canonical texts, and its target. */
function importsOf(stacks: Readonly<Record<string, unknown>>, list: AllowList): readonly (readonly [string, string])[] {
  return Object.entries(stacks).flatMap(([stack, template]) => {
    const resources = readResources(template);
    const members = findPlaces(resources, list.roles).flatMap((place) => findMembers(place, resources, list.roles));
    const names = new Map(members.map(({ resource, name }) => [resource.id, name]));
    const outputs = at(template, 'Outputs');
    return Object.entries(isObject(outputs) ? outputs : {}).flatMap(([output, body]) => {
      const value = canonical((at(body, 'Value') ?? null) as Json, (id) => names.get(id) ?? `@${id}`);
      const target = typeof value === 'string' ? /^\$\{([^@!{}][^{}]*)\}$/.exec(value)?.[1] : undefined;
      if (target === undefined) return [];
      const exported = at(body, 'Export', 'Name');
      return [
        [`GetStackOutput ${stack}/${output}`, target] as const,
        [`${stack} Outputs.${output}`, target] as const,
        ...(typeof exported === 'string' ? [[`ImportValue ${exported}`, target] as const] : []),
      ];
    });
  });
}

/** Returns the name of a vault's cluster if its owner chose it: RDS takes it in small letters. */
function identifierOf({ role, resource }: Member): readonly string[] {
  const name = role.path === 'Database/Cluster/Resource' && at(resource.body, 'Properties', 'DBClusterIdentifier');
  return typeof name === 'string' ? [name.toLowerCase()] : [];
}

/** Finds every macro: each may change all that is beside it or below. `''` is the template's own. */
function macrosIn(value: Json, place: string): readonly string[] {
  if (isList(value)) return value.flatMap((each, i) => macrosIn(each, `${place}[${i}]`));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const isMacro =
      name === 'Fn::Transform' || name.startsWith('Fn::ForEach::') || (place === '' && name === 'Transform');
    return isMacro ? [place] : macrosIn(each, place === '' ? name : `${place}.${name}`);
  });
}

function whole(expected: string, got: string): Finding {
  return { resource: '', path: '', property: '', expected, got };
}
