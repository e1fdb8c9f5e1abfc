import { isList, isObject, type Json, type JsonObject, keyOf } from '../../local/audit/json';
import type { Features, Shape } from '../../local/audit/shape';
import { type Abstract, type AbstractObject, type Element, JsonText, ListValue, PolicyValue } from './abstract';
import { explain, type FeatureValues } from './explain';

/** A value that was seen in a reviewed vault; undefined if there was none. */
export interface ObservedValue {
  readonly features: FeatureValues;
  readonly value: Abstract | undefined;
  /** The vault's name in the matrix, for problems. */
  readonly sample: string;
  /** Returns whether the vault has resources of a role. */
  readonly has: (role: string) => boolean;
}

/** The merge of one resource's values in all reviewed vaults into one shape. */
export class Merge {
  readonly problems: string[] = [];

  constructor(private readonly role: string) {}

  shape(seen: readonly ObservedValue[], property: string): Shape {
    const there = seen.filter((each) => each.value !== undefined);
    if (there.length === 0) return { '%if': [], is: null };
    const shape = this.#present(there, property);
    if (there.length === seen.length) return shape;
    const features = this.#when(seen.map(({ features, value, sample }) => ({ features, key: value === undefined ? 'absent' : 'present', sample })), property); // prettier-ignore
    return { '%if': features.get('present') ?? [], is: shape };
  }

  #present(seen: readonly ObservedValue[], property: string): Shape {
    const values = seen.map(({ value }) => value);
    if (new Set(values.map((value) => keyOf(plain(value)))).size === 1) return this.#alike(seen, property);
    if (values.every((value) => value instanceof PolicyValue)) return this.#policies(seen, property);
    if (values.every((value) => value instanceof JsonText)) return this.#json(seen, property);
    if (values.every((value) => value instanceof ListValue || isList(value))) return this.#lists(seen, property);
    if (values.every(isPlainObject)) return this.#objects(seen, property);
    return this.#choice(seen, property);
  }

  #alike(seen: readonly ObservedValue[], property: string): Shape {
    const value = seen[0]?.value;
    if (value instanceof PolicyValue) return this.#policies(seen, property);
    if (value instanceof JsonText) return this.#json(seen, property);
    if (value instanceof ListValue) return this.#lists(seen, property);
    if (isList(value))
      return (value as readonly Abstract[]).map((_, i) => this.#present(seen.map((each) => ({ ...each, value: (each.value as readonly Abstract[])[i] })), `${property}[${i}]`)); // prettier-ignore
    if (isPlainObject(value)) return this.#objects(seen, property);
    return value as Json;
  }

  #json(seen: readonly ObservedValue[], property: string): Shape {
    const inner = seen.map((each) => ({ ...each, value: (each.value as JsonText).value }));
    return { '%json': this.#present(inner, property) };
  }

  #objects(seen: readonly ObservedValue[], property: string): Shape {
    const names = [...new Set(seen.flatMap(({ value }) => Object.keys(value as AbstractObject)))].sort();
    const members = names.map((name) => {
      const inner = seen.map((each) => ({ ...each, value: (each.value as AbstractObject)[name] }));
      return [name, this.shape(inner, property === '' ? name : `${property}.${name}`)] as const;
    });
    return Object.fromEntries(members);
  }

  #choice(seen: readonly ObservedValue[], property: string): Shape {
    const byKey = Map.groupBy(seen, ({ value }) => keyOf(plain(value)));
    const features = this.#when(seen.map(({ features, value, sample }) => ({ features, key: keyOf(plain(value)), sample })), property); // prettier-ignore
    const alternatives = [...features].map(([key, sets]) => ({
      if: sets,
      is: this.#present(byKey.get(key) ?? [], property),
    }));
    return { '%choose': alternatives };
  }

  /** Merges lists of equal lengths with different elements element by element, others by their contents. */
  #lists(seen: readonly ObservedValue[], property: string): Shape {
    const lists = seen.map(({ value }) => (value instanceof ListValue ? value.elements.map(wrapped) : (value as readonly Abstract[]))); // prettier-ignore
    const lengths = new Set(lists.map(({ length }) => length));
    const [first = []] = lists;
    if (lengths.size === 1 && first.every((element) => isPlainObject(element)))
      return first.map((_, i) => this.#present(seen.map((each, s) => ({ ...each, value: lists[s]?.[i] })), `${property}[${i}]`)); // prettier-ignore
    return this.#elements(seen, lists.map((list) => list.map((element) => [keyOf(plain(element)), plain(element)] as const)), property); // prettier-ignore
  }

  #elements(
    seen: readonly ObservedValue[],
    lists: readonly (readonly (readonly [string, Json])[])[],
    property: string,
  ): readonly Json[] {
    const order = inOrder(lists.map((list) => list.map(([key]) => key)));
    const values = new Map(lists.flat());
    return order.map((key) => {
      const value = values.get(key) ?? null;
      if (isObject(value) && value['%any'] !== undefined) return value;
      // an element for each resource of a role says nothing if there is none of that role
      const repeats = isObject(value) && typeof value['%for'] === 'string' ? value['%for'] : undefined;
      const observedKeys = seen.flatMap(({ features, sample, has }, i) => {
        const there = lists[i]?.some(([other]) => other === key);
        if (!there && repeats !== undefined && !has(repeats)) return [];
        return [{ features, sample, key: there ? 'present' : 'absent' }];
      });
      if (observedKeys.every(({ key: found }) => found === 'present')) return value;
      const features = this.#when(observedKeys, `${property} ${key.slice(0, 200)}`);
      return { '%if': features.get('present') ?? [], is: value };
    });
  }

  #policies(seen: readonly ObservedValue[], property: string): Shape {
    const policies = seen.map(({ value }) => value as PolicyValue);
    const members = this.#present(seen.map((each, i) => ({ ...each, value: policies[i]?.members ?? null })), property); // prettier-ignore
    const lists = policies.map(({ permissions }) => permissions.map((each) => [keyOf(wrapped(each)), wrapped(each)] as const)); // prettier-ignore
    const permissions = this.#elements(seen, lists, property);
    return { '%policy': members, statements: gathered(permissions) };
  }

  #when(
    observedKeys: readonly { features: FeatureValues; key: string; sample: string }[],
    property: string,
  ): ReadonlyMap<string, readonly Features[]> {
    // prettier-ignore
    const explained = explain(observedKeys);
    if (explained) return explained;
    const seen = [...Map.groupBy(observedKeys, ({ key }) => key)].map(
      ([key, each]) => `    ${key.slice(0, 300)}: ${[...new Set(each.map(({ sample }) => sample))].join(', ')}`,
    );
    this.problems.push(`${this.role} ${property}: no few features explain\n${seen.join('\n')}`);
    return new Map();
  }
}

function wrapped({ role, value }: Element): Json {
  return role === undefined ? value : { '%for': role, is: value };
}

/** Returns whether a value's members can be merged one by one: a shape from a tunable stays whole. */
function isPlainObject(value: Abstract | undefined): value is AbstractObject {
  if (value instanceof PolicyValue || value instanceof ListValue || value instanceof JsonText) return false;
  return isObject(value) && !Object.keys(value).some((name) => name.startsWith('%') && name !== '%entries');
}

/** Returns an abstract value as JSON, for comparisons. */
function plain(value: Abstract | undefined): Json {
  if (value === undefined) return null;
  if (value instanceof PolicyValue)
    return { policy: plain(value.members), permissions: value.permissions.map((each) => keyOf(wrapped(each))).sort() };
  if (value instanceof ListValue) return value.elements.map(wrapped);
  if (value instanceof JsonText) return { '%json': plain(value.value) };
  if (Array.isArray(value)) return (value as readonly Abstract[]).map(plain);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value as AbstractObject).map(([name, each]) => [name, plain(each)]));
  return value as Json;
}

/** Puts the elements of several lists into one order that keeps each list's own as far as possible. */
function inOrder(lists: readonly (readonly string[])[]): readonly string[] {
  const order: string[] = [];
  for (const list of [...lists].sort((a, b) => b.length - a.length)) {
    let place = -1;
    for (const key of list) {
      const known = order.indexOf(key);
      if (known >= 0) place = known;
      else order.splice((place += 1), 0, key);
    }
  }
  return order;
}

/** Puts permissions that differ in their action, then in their resource, then in their principal, into one statement. */
function gathered(permissions: readonly Json[]): readonly Json[] {
  let statements = permissions;
  for (const name of ['Action', 'Resource', 'Principal']) statements = gatheredBy(statements, name);
  return statements;
}

function gatheredBy(statements: readonly Json[], name: string): readonly Json[] {
  const groups = Map.groupBy(statements, (each) => keyOf(without(each, name)));
  return [...groups.values()].map((group) => {
    const [first] = group;
    if (first === undefined || group.length === 1) return first ?? null;
    const values = group.map((each) => inner(each)[name] ?? null);
    if (name === 'Principal' && !values.every((value) => isObject(value) && isObject(values[0]) && Object.keys(value)[0] === Object.keys(values[0])[0])) return first; // prettier-ignore
    return withValue(first, name, listed(values, name));
  });
}

function listed(values: readonly Json[], name: string): Json {
  if (name !== 'Principal') return values.flat();
  const [kind = ''] = Object.keys((values[0] ?? {}) as JsonObject);
  return { [kind]: values.flatMap((value) => (value as JsonObject)[kind] ?? []) };
}

/** Returns the statement itself, without the wrappers that say when it exists. */
function inner(statement: Json): JsonObject {
  return isObject(statement) && statement.is !== undefined ? inner(statement.is) : (statement as JsonObject);
}

function without(statement: Json, name: string): Json {
  if (isObject(statement) && statement.is !== undefined) return { ...statement, is: without(statement.is, name) };
  const { [name]: value, ...rest } = statement as JsonObject;
  return { ...rest, '%without': value === undefined ? 'nothing' : name === 'Principal' && isObject(value) ? (Object.keys(value)[0] ?? '') : typeof value === 'string' && value === '*' ? '*' : 'some' }; // prettier-ignore
}

function withValue(statement: Json, name: string, value: Json): Json {
  if (isObject(statement) && statement.is !== undefined)
    return { ...statement, is: withValue(statement.is, name, value) };
  return { ...(statement as JsonObject), [name]: value };
}
