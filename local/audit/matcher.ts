import type { Binding } from './bindings';
import { show } from './finding';
import { isList, isObject, type Json, type JsonObject, keyOf, parse } from './json';
import { prepared } from './matcher-texts';
import { type Expected, join, type Matching, type Mismatch } from './matching';
import type { Placeholders } from './placeholders';
import { matchPolicy } from './policy-matcher';
import { isChoice, isConditional, isPolicy, isRepeated, type Shape } from './shape';
import { matchTags } from './tag-matcher';
import { matchText } from './text-matcher';
import { selects, type Values, type VaultFacts } from './vault-facts';

/** The comparison of one resource's canonical values with shapes; it records the values of placeholders. */
export class Matcher implements Matching {
  readonly mismatches: Mismatch[] = [];
  readonly bindings: Binding[] = [];

  constructor(
    readonly facts: VaultFacts,
    readonly placeholders: Placeholders,
    /** whether permissions for resources outside the vault may exist beside the expected ones */
    readonly shared = false,
  ) {}

  /** Compares a value, undefined for an absent one, with a shape. */
  match(shape: Shape, actual: Json | undefined, property: string, values: Values): void {
    const chosen = this.choose(shape);
    if (chosen === undefined || actual === undefined) {
      if (chosen !== actual) this.refuse(property, chosen === undefined ? 'none' : show(chosen), actual);
    } else if (typeof chosen === 'string') {
      matchText(this, chosen, actual, property, values);
    } else if (isList(chosen)) {
      this.#list(chosen, actual, property, values);
    } else if (isObject(chosen)) {
      this.#object(chosen, actual, property, values);
    } else if (chosen !== actual) {
      this.refuse(property, show(chosen), actual);
    }
  }

  /** Returns whether a value has a shape. If not, its mismatches and bindings are dropped. */
  fits(shape: Shape, actual: Json, values: Values): boolean {
    const [mismatches, bindings] = [this.mismatches.length, this.bindings.length];
    this.match(shape, actual, '', values);
    if (this.mismatches.length === mismatches) return true;
    this.mismatches.length = mismatches;
    this.bindings.length = bindings;
    return false;
  }

  refuse(property: string, expected: string, actual: Json | undefined): void {
    this.mismatches.push({ property, expected, got: show(actual, property) });
  }

  /** Compares a resource's dependencies. The vault's owner may add dependencies outside the vault. */
  dependsOn(shape: Shape, actual: readonly Json[], values: Values): void {
    const wanted = this.elements(isList(shape) ? shape : [], values).map(
      ([name, own]) => [reference(name), own] as const,
    );
    this.#unordered(wanted, actual.map(reference), 'DependsOn', (name) => name.startsWith('${@'));
  }

  /** Returns the expected elements of a list, including those for every resource of a role. */
  elements(shape: readonly Json[], values: Values): readonly Expected[] {
    return shape.flatMap((element) => {
      const chosen = this.choose(element);
      if (chosen === undefined) return [];
      if (!isRepeated(chosen)) return [[chosen, values] as const];
      return this.#instances(chosen['%for'], values).map((each) => [chosen.is, { ...values, ...each }] as const);
    });
  }

  /** Returns the shape that the vault's features select, undefined for an absent value. */
  choose(shape: Shape): Shape | undefined {
    if (isConditional(shape)) return selects(shape['%if'], this.facts.features) ? this.choose(shape.is) : undefined;
    if (!isChoice(shape)) return shape;
    const choice = shape['%choose'].find((each) => selects(each.if, this.facts.features));
    return choice && this.choose(choice.is);
  }

  #object(shape: JsonObject, actual: Json, property: string, values: Values): void {
    const { '%json': json, '%tags': tags, '%oneOf': alternatives, '%each': each, '%map': map } = shape;
    if (isPolicy(shape)) matchPolicy(this, shape, actual, property, values);
    else if (json !== undefined) this.#json(json, actual, property, values);
    else if (isObject(tags)) matchTags(this, tags, actual, property, values);
    else if (isList(alternatives)) this.#oneOf(alternatives, actual, property, values);
    else if (each !== undefined) this.#each(each, shape['%size'] ?? null, actual, property, values);
    else if (isObject(map)) this.#map(map, shape['%size'] ?? null, actual, property, values);
    else if (isObject(actual)) this.#members(shape, actual, property, values);
    else this.refuse(property, 'an object', actual);
  }

  #members(shape: JsonObject, actual: JsonObject, property: string, values: Values): void {
    const { '%entries': entries, ...plain } = shape;
    const expected = new Map<string, Expected>();
    for (const [name, member] of Object.entries(plain)) expected.set(name, [member, values]);
    for (const [entry, own] of this.#entries(isList(entries) ? entries : [], values)) {
      const key = Object.keys(actual).find((each) => !expected.has(each) && this.fits(entry.name, each, own));
      expected.set(key ?? JSON.stringify(own), [entry.is, own]);
    }
    for (const name of Object.keys(actual)) {
      if (!expected.has(name)) this.refuse(join(property, name), 'none', actual[name]);
    }
    for (const [name, [member, own]] of expected) this.match(member, actual[name], join(property, name), own);
  }

  /** Returns the members of an object that exist once for every resource of a role. */
  #entries(entries: readonly Json[], values: Values): readonly (readonly [{ name: string; is: Shape }, Values])[] {
    return entries.flatMap((entry) => {
      const chosen = this.choose(entry);
      if (!isObject(chosen) || !isRepeated(chosen) || typeof chosen.name !== 'string') return [];
      const { name, is } = chosen;
      return this.#instances(chosen['%for'], values).map(
        (each) =>
          [
            { name, is },
            { ...values, ...each },
          ] as const,
      );
    });
  }

  /** Returns the resources of a role that agree with the values that are known already. */
  #instances(role: string, values: Values): readonly Values[] {
    const agrees = (instance: Values) =>
      Object.entries(instance).every(([name, value]) => values[name] === undefined || values[name] === value);
    return (this.facts.instances.get(role) ?? []).filter(agrees);
  }

  #list(shape: readonly Json[], actual: Json, property: string, values: Values): void {
    if (!isList(actual)) {
      this.refuse(property, 'a list', actual);
      return;
    }
    const expected = this.elements(shape, values);
    if (shape.some(isRepeated)) this.#unordered(expected, actual, property, () => false);
    else
      for (let i = 0; i < Math.max(expected.length, actual.length); i += 1) {
        const [element, own] = expected[i] ?? [undefined, values];
        if (element === undefined) this.refuse(`${property}[${i}]`, 'none', actual[i]);
        else this.match(element, actual[i], `${property}[${i}]`, own);
      }
  }

  #unordered<T extends Json>(
    expected: readonly Expected[],
    actual: readonly T[],
    property: string,
    tolerates: (value: T) => boolean,
  ): void {
    const rest = [...actual];
    for (const [element, own] of expected) {
      const found = rest.findIndex((each) => this.fits(element, each, own));
      if (found >= 0) rest.splice(found, 1);
      else this.refuse(property, `an element ${show(prepared(element, own, this.facts.environment))}`, undefined);
    }
    for (const each of rest) if (!tolerates(each)) this.refuse(property, 'no such element', each);
  }

  #each(shape: Shape, size: Json, actual: Json, property: string, values: Values): void {
    const [least = 0, most = Infinity] = isList(size) ? size.map(Number) : [];
    if (!isList(actual) || actual.length < least || actual.length > most || new Set(actual.map(keyOf)).size < actual.length)
      this.refuse(property, `a list of ${least} to ${most} different elements`, actual);
    else actual.forEach((each, i) => { this.match(shape, each, `${property}[${i}]`, values); }); // prettier-ignore
  }

  /** Compares an object with names that the vault's owner chose. */
  #map({ name = null, is = null }: JsonObject, size: Json, actual: Json, property: string, values: Values): void {
    const [least = 0, most = Infinity] = isList(size) ? size.map(Number) : [];
    const members = isObject(actual) ? Object.entries(actual) : [];
    if (members.length < least || members.length > most || !isObject(actual))
      this.refuse(property, `an object of ${least} to ${most} members`, actual);
    for (const [key, member] of members) {
      this.match(name, key, join(property, key), values);
      this.match(is, member, join(property, key), values);
    }
  }

  #oneOf(alternatives: readonly Json[], actual: Json, property: string, values: Values): void {
    if (!alternatives.some((each) => this.fits(each, actual, values)))
      this.refuse(property, `one of ${show(alternatives)}`, actual);
  }

  /** Compares a JSON text. No member may occur twice: one reader takes its first value, another its last. */
  #json(shape: Shape, actual: Json, property: string, values: Values): void {
    const parsed = typeof actual === 'string' ? parse(actual) : undefined;
    if (parsed === undefined || JSON.stringify(parsed) !== actual) this.refuse(property, 'compact JSON', actual);
    else this.match(shape, parsed, property, values);
  }
}

function reference(name: Json): string {
  return `\${${typeof name === 'string' ? name : ''}}`;
}
