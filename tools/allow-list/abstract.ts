import { isList, isObject, type Json, type JsonObject, keyOf } from '../../local/audit/json';
import { permissionsOf, statementsOf } from '../../local/audit/permissions';
import { fill } from '../../local/audit/roles';
import type { Observation, Observed } from './observe';
import { ANY, EXTERNAL_OF, LITERALS, OUTSIDE, type Tunable } from './tunables';

/** A single permission of a policy, or an element of a list; with a role, one for each resource of that role. */
export interface Element {
  readonly role: string | undefined;
  readonly value: Json;
}

/** An IAM policy as its permissions. */
export class PolicyValue {
  constructor(
    readonly members: Json,
    readonly permissions: readonly Element[],
  ) {}
}

/** A list; some of its elements represent one resource each. */
export class ListValue {
  constructor(readonly elements: readonly Element[]) {}
}

/** A text that is JSON. */
export class JsonText {
  constructor(readonly value: Abstract) {}
}

export type Abstract = Json | PolicyValue | ListValue | JsonText | AbstractObject | readonly Abstract[];
export interface AbstractObject {
  readonly [name: string]: Abstract;
}

const REFERENCE = /\$\{([^!{}@][^{}#]*)((?:#[^{}]*)?)\}/g;

const EXPRESSIONS = new Map<string, RegExp>();

function whole(expression: string): RegExp {
  const known = EXPRESSIONS.get(expression) ?? new RegExp(`^(?:${expression})$`);
  EXPRESSIONS.set(expression, known);
  return known;
}

/** A converter of one resource's canonical values: it takes out the parts that differ from vault to vault. */
export class Abstraction {
  readonly #tunables: readonly Tunable[];

  constructor(
    private readonly observation: Observation,
    private readonly resource: Observed,
    tunables: readonly Tunable[],
  ) {
    this.#tunables = tunables.filter(({ role }) => whole(role).test(resource.pattern));
  }

  value(value: Json, property: string): Abstract {
    const tuned = this.#tuned(value, property);
    if (tuned !== undefined) return tuned;
    if (typeof value === 'string') return this.#textOrJson(value, property);
    if (isList(value)) return this.#list(value, property);
    if (!isObject(value)) return value;
    const statements = statementsOf(value);
    if (statements !== undefined) {
      const { Statement: _, ...members } = value;
      const permissions = statements.map((each) => this.#plain(each, property) as JsonObject).flatMap(permissionsOf);
      return new PolicyValue(members, this.#elements(permissions.map((each) => [each, each] as const)));
    }
    if (/(^|\.)\w*Tags$/.test(property)) return this.#tags(value);
    return Object.fromEntries(Object.entries(value).map(([name, each]) => this.#member(name, each, property)));
  }

  dependsOn(names: readonly string[]): ListValue {
    return new ListValue(this.#elements(names.filter((name) => !name.startsWith('@')).map((name) => [this.#reference(name), `\${${name}}`] as const))); // prettier-ignore
  }

  #tuned(value: Json, property: string): Json | undefined {
    const tunable = this.#tunables.find(({ at }) => whole(at).test(property));
    if (tunable === undefined) return undefined;
    const is = typeof tunable.is === 'function' ? tunable.is(this.resource.pattern, value) : tunable.is;
    if (is !== undefined) tunable.used = true;
    return is;
  }

  #member(name: string, value: Json, property: string): readonly [string, Abstract] {
    const abstract = this.value(value, property === '' ? name : `${property}.${name}`);
    return [this.#text(name), abstract] as const;
  }

  #textOrJson(text: string, property: string): Abstract {
    if (!/^[[{].*[\]}]$/s.test(text)) return this.#text(text);
    let parsed: Json;
    try {
      parsed = JSON.parse(text) as Json;
    } catch {
      return this.#text(text);
    }
    if (JSON.stringify(parsed) !== text) return this.#text(text);
    return new JsonText(isObject(parsed) ? this.#map(parsed, property) : this.value(parsed, property));
  }

  /** Writes members that map a resource's own name to a reference to it as one entry for all resources of that role. */
  #map(value: JsonObject, property: string): Abstract {
    const entries = new Map<string, Json>();
    const members = Object.entries(value).flatMap(([name, each]) => {
      const foreign = typeof each === 'string' ? this.#foreign(each) : undefined;
      const variable = foreign && Object.entries(foreign.values).find(([, known]) => known === name)?.[0];
      if (foreign === undefined || variable === undefined) return [this.#member(name, each, property)];
      const entry = { '%for': foreign.pattern, name: `{${variable}}`, is: this.#plain(each, property) };
      entries.set(keyOf(entry), entry);
      return [];
    });
    return Object.fromEntries(entries.size === 0 ? members : [...members, ['%entries', [...entries.values()]]]);
  }

  #tags(tags: Json): Json {
    const pairs = isList(tags)
      ? tags.map(
          (tag) =>
            (isObject(tag) ? [typeof tag.Key === 'string' ? tag.Key : '', tag.Value ?? null] : ['', null]) as readonly [
              string,
              Json,
            ],
        )
      : Object.entries(tags as JsonObject);
    const own = pairs
      .filter(([name]) => name.startsWith('share-vault:'))
      .map(([name, value]) => [name, this.#plain(value, '')]);
    return { '%tags': Object.fromEntries(own) as JsonObject };
  }

  #list(list: readonly Json[], property: string): Abstract {
    if (/(^|\.)\w*Tags$/.test(property)) return this.#tags(list);
    const elements = list.map((each, i) => [this.value(each, `${property}[${i}]`), each] as const);
    if (!list.some((each) => this.#foreign(each)) && !elements.some(([each]) => this.#foreignIn(each as Json)))
      return elements.map(([abstract]) => abstract);
    return new ListValue(this.#elements(elements as readonly (readonly [Json, Json])[]));
  }

  /** Merges elements that name one resource of a role each, and together every one of them. */
  #elements(elements: readonly (readonly [abstract: Json, original: Json])[]): readonly Element[] {
    const found = new Map<string, Element>();
    for (const [value, original] of elements) {
      const role = this.#foreign(original)?.pattern ?? this.#foreignIn(value);
      const text = JSON.stringify(value);
      const any = ANY.some((name) => text.includes(name));
      found.set(keyOf([role ?? null, value]), { role, value: any && role === undefined ? { '%any': value } : value });
    }
    return [...found.values()];
  }

  #foreignIn(value: Json): string | undefined {
    for (const [placeholder, role] of Object.entries(EXTERNAL_OF)) {
      if (JSON.stringify(value).includes(placeholder)) return role;
    }
    const match = /\$\{([^!{}@](?:[^{}#]|\{[a-zA-Z]+\})*)(?:#[^{}]*)?\}/g;
    for (const [, pattern = ''] of JSON.stringify(value).matchAll(match)) {
      const names = [...pattern.matchAll(/\{([a-zA-Z]+)\}/g)].map(([, name = '']) => name);
      if (names.some((name) => this.resource.values[name] === undefined)) return pattern;
    }
    return undefined;
  }

  /** Returns the first resource with values of its own that a value refers to. */
  #foreign(value: Json): { pattern: string; values: Readonly<Record<string, string>> } | undefined {
    for (const [, name = ''] of JSON.stringify(value).matchAll(REFERENCE)) {
      const named = this.observation.byName.get(name);
      const others = Object.entries(named?.values ?? {}).filter(([key, each]) => this.resource.values[key] !== each);
      if (named && others.length > 0) return named;
    }
    return undefined;
  }

  #plain(value: Json, property: string): Json {
    if (typeof value === 'string') return this.#text(value);
    if (isList(value)) return value.map((each) => this.#plain(each, property));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, each]) => [this.#text(name), this.#plain(each, property)]),
    );
  }

  #text(text: string): string {
    const pieces = [...OUTSIDE, ...LITERALS]
      .reduce((rest, [pattern, written]) => rest.replace(pattern, written), text)
      .split(/(\$\{[^{}]*\})/)
      .map((piece) =>
        piece.startsWith('${') && !piece.startsWith('${!')
          ? this.#reference(piece.slice(2, -1), true)
          : this.#literal(piece),
      );
    return pieces.join('');
  }

  #reference(inner: string, wrapped = false): string {
    const [name = ''] = inner.split('#');
    const named = this.observation.byName.get(name);
    const pattern = named ? fill(named.pattern, {}) : name;
    const suffix = inner.slice(name.length);
    return wrapped ? `\${${pattern}${suffix}}` : pattern;
  }

  #literal(text: string): string {
    const values = { ...this.resource.values, environment: this.observation.sample.environment };
    let result = text;
    for (const [name, value] of Object.entries(values)) {
      if (/^\d{1,5}$/.test(value) || value === '' || name === 'peer') continue;
      const escaped = value.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
      result = result.replace(new RegExp(`(?<![A-Za-z0-9_{])${escaped}(?![A-Za-z0-9_}])`, 'g'), `{${name}}`);
    }
    return result;
  }
}
