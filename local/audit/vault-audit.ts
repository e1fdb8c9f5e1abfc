import { separate } from './additions';
import { CanonicalTexts } from './canonical';
import { readFeatures } from './features';
import type { Finding } from './finding';
import { at, isObject, type Json, type JsonObject, listOf } from './json';
import { type Binding, type Bound, inconsistenciesOf } from './bindings';
import { gapsOf } from './gaps';
import { keysElsewhereFindings } from './keys-elsewhere';
import { Matcher } from './matcher';
import { textOf } from './text-matcher';
import type { VaultFacts } from './vault-facts';
import type { AllowList } from './allow-list';
import { STACK } from './roles';
import { readScope, type Scope, withPseudoNames } from './scope';
import type { Resource } from './template';
import { findMembers, instancesOf, type Member, type Place } from './vaults';

/** A resource's canonical values. */
interface Canonical {
  readonly attributes: JsonObject;
  readonly dependsOn: readonly Json[];
  readonly properties: Json;
}

/** One vault of a template, compared with the allow-list. */
export class VaultAudit {
  readonly members: ReadonlyMap<string, Member>;
  readonly facts: VaultFacts;
  readonly #place: Place;
  readonly #list: AllowList;
  readonly #scope: Scope;
  readonly #names = new Map<string, string>();

  constructor(place: Place, resources: readonly Resource[], list: AllowList, types: ReadonlyMap<string, string>) {
    this.#place = place;
    this.#list = list;
    const found = findMembers(place, resources, list.roles);
    for (const { resource, name } of found) this.#names.set(resource.id, name);
    const named = this.#sharedBy(found);
    const members = found.filter(({ role, name }) => !isShared(role.path) || named.has(name));
    this.members = new Map(members.map((member) => [member.resource.id, member]));
    const own = members.filter(({ role }) => !isShared(role.path));
    this.#scope = readScope(own.map(({ resource }) => this.#texts.of(resource.body.Properties ?? {})));
    this.facts = {
      environment: place.environment,
      features: this.featuresOf(members),
      instances: instancesOf(members),
      known: this.#knownValues(members),
      types,
    };
  }

  readonly #nameOf = (id: string): string => this.#names.get(id) ?? `@${id}`;
  readonly #texts = new CanonicalTexts(this.#nameOf);

  /** Returns all findings of the vault, the same for the same template. */
  findings(): readonly Finding[] {
    const bound: Bound[] = [];
    const found: Finding[] = [];
    for (const [id, member] of this.members) {
      const { findings, bindings } = this.compare(member, member.resource.body);
      found.push(...findings);
      bound.push(...bindings.map((binding) => ({ ...binding, id })));
    }
    const elsewhere = keysElsewhereFindings([...this.members.values()], ({ resource }) => {
      return this.canonical(resource.body).properties;
    });
    return [...found, ...this.inconsistencies(bound), ...this.gaps(), ...elsewhere];
  }

  /** Returns the findings of everything that the vault lacks, or has too much of. */
  gaps(): readonly Finding[] {
    return gapsOf([...this.members.values()], this.facts, this.#list);
  }

  /** Compares one resource, and returns the values of placeholders too. `body` may be another than the template's. */
  compare(member: Member, body: JsonObject): { findings: readonly Finding[]; bindings: readonly Binding[] } {
    const { role, values } = member;
    const matcher = new Matcher(this.facts, this.#list.placeholders, isShared(role.path));
    const { attributes, dependsOn, properties } = this.canonical(body);
    const { DependsOn = [], ...wanted } = isObject(role.data.attributes) ? role.data.attributes : {};
    matcher.match(role.data.type, body.Type, 'Type', values);
    matcher.match(wanted, attributes, '', values);
    matcher.dependsOn(DependsOn, dependsOn, values);
    const { own, added } = separate(properties, this.#list.additions[role.data.type]);
    matcher.match(role.data.properties, own, 'Properties', values);
    for (const [name, shape, value] of added) matcher.match(shape, value, `Properties.${name}`, values);
    const findings = matcher.mismatches.map((each) => ({ resource: member.resource.id, path: member.name, ...each }));
    return { findings, bindings: matcher.bindings };
  }

  /** Returns the findings of placeholders that do not have one value in the whole vault. */
  inconsistencies(bound: readonly Bound[]): readonly Finding[] {
    return inconsistenciesOf(bound, this.#list.placeholders).map(({ id, property, expected, value }) => ({
      resource: id,
      path: this.members.get(id)?.name ?? '',
      property,
      expected,
      got: value,
    }));
  }

  /** Returns the features that the vault would have with these members. */
  featuresOf(members: readonly Member[]): Readonly<Record<string, string>> {
    const { environment } = this.#place;
    return readFeatures(this.#list.features, members, ({ resource }) => this.#whole(resource.body), {
      environment,
      region: this.#scope.region,
    });
  }

  canonical(body: JsonObject): Canonical {
    const { Type: _, Properties = {}, Metadata: __, DependsOn = [], ...attributes } = body;
    const names = listOf(DependsOn).map((id) => (typeof id === 'string' ? this.#nameOf(id) : id));
    const write = (value: Json) => withPseudoNames(this.#texts.of(value), this.#scope);
    return {
      attributes: write(attributes) as JsonObject,
      dependsOn: names,
      properties: write(Properties),
    };
  }

  #knownValues(members: readonly Member[]): ReadonlyMap<string, string> {
    const known = this.#list.placeholders.sources().flatMap(([name, { from, per = '' }]) =>
      members
        .filter(({ role }) => role.path === from?.role)
        .map(({ resource, values }) => {
          const value = at(this.#whole(resource.body), ...(from?.at ?? []));
          return [`${name} ${values[per]}`, textOf((value ?? null) as Json)] as const;
        }),
    );
    return new Map(known);
  }

  #whole(body: JsonObject): Json {
    const { attributes, properties } = this.canonical(body);
    return { ...attributes, Properties: properties };
  }

  /** Finds resources that the vault shares with the rest of its stack: those that its own name, and those that these name. */
  #sharedBy(found: readonly Member[]): ReadonlySet<string> {
    const named = new Set<string>();
    let users = found.filter(({ role }) => !isShared(role.path));
    while (users.length > 0) {
      const references = new Set(users.flatMap((each) => this.#references(each)));
      users = found.filter(({ name }) => references.has(name) && !named.has(name));
      for (const { name } of users) named.add(name);
    }
    return named;
  }

  #references({ resource }: Member): readonly string[] {
    const text = JSON.stringify(this.#texts.of(resource.body.Properties ?? {}));
    return [...text.matchAll(/\$\{([^#{}]+)/g)].map(([, name = '']) => name).filter(isShared);
  }
}

function isShared(path: string): boolean {
  return path.startsWith(STACK);
}
