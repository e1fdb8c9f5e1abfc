import type { Pattern } from '../lib/private/patterns';

/** Minimum and maximum of a number. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/**
 * Reads the members of one object of the context. Problems are collected instead of thrown, so that one error reports
 * all of them.
 */
export class Fields {
  private readonly members: ReadonlyMap<string, unknown>;
  private readonly known = new Set<string>();
  private readonly former: number;

  constructor(
    private readonly name: string,
    value: unknown,
    private readonly problems: string[],
  ) {
    this.former = problems.length;
    const valid = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!valid) problems.push(`${name}: expected an object, got ${describe(value)}`);
    this.members = new Map(valid ? Object.entries(value) : []);
  }

  entries(): readonly (readonly [string, unknown])[] {
    return [...this.members];
  }

  /** Returns a member unchanged, `undefined` if it is missing. */
  take(key: string): unknown {
    this.known.add(key);
    return this.members.get(key);
  }

  text(key: string, { pattern, expected }: Pattern): string | undefined {
    const value = this.take(key);
    if (value === undefined || (typeof value === 'string' && pattern.test(value))) return value;
    this.problem(key, expected, value);
    return undefined;
  }

  /** Reads a text that has to be given. Returns an empty one after a problem. */
  requiredText(key: string, pattern: Pattern): string {
    this.require(key, pattern.expected);
    return this.text(key, pattern) ?? '';
  }

  texts(key: string, { pattern, expected }: Pattern, [min, max] = [1, Infinity]): string[] | undefined {
    const value = this.take(key);
    if (value === undefined) return undefined;
    const texts: unknown[] = Array.isArray(value) ? value : [value];
    const fits = texts.length >= min && texts.length <= max;
    if (fits && texts.every((text) => typeof text === 'string' && pattern.test(text))) return texts.map(String);
    this.problem(key, expected, value);
    return undefined;
  }

  /** Reads a number in steps, by default in whole numbers. */
  number(key: string, { min, max }: Range, step = 1): number | undefined {
    const value = this.take(key);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && value >= min && value <= max && Number.isInteger(value / step)) return value;
    this.problem(key, `${min} to ${max} in steps of ${step}`, value);
    return undefined;
  }

  /** Reads a number that has to be given. Returns the smallest one after a problem. */
  requiredNumber(key: string, range: Range): number {
    this.require(key, `${range.min} to ${range.max}`);
    return this.number(key, range) ?? range.min;
  }

  flag(key: string): boolean | undefined {
    const value = this.take(key);
    if (value === undefined || typeof value === 'boolean') return value;
    this.problem(key, 'true or false', value);
    return undefined;
  }

  /** Reads an object that has to be given. */
  object(key: string): Fields {
    return new Fields(`${this.name}.${key}`, this.take(key), this.problems);
  }

  requiredOneOf<T>(key: string, choices: Readonly<Record<string, T>>): T | undefined {
    this.require(key, Object.keys(choices).join(' or '));
    return this.oneOf(key, choices);
  }

  oneOf<T>(key: string, choices: Readonly<Record<string, T>>): T | undefined {
    const value = this.take(key);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && Object.hasOwn(choices, value)) return choices[value];
    this.problem(key, Object.keys(choices).join(' or '), value);
    return undefined;
  }

  manyOf<T>(key: string, choices: Readonly<Record<string, T>>): T[] {
    const value = this.take(key) ?? [];
    const names: unknown[] = Array.isArray(value) ? value : [value];
    return names.flatMap((name) => {
      if (typeof name === 'string' && Object.hasOwn(choices, name)) return [choices[name] as T];
      this.problem(key, Object.keys(choices).join(' or '), name);
      return [];
    });
  }

  /** Reports every member that was not read. Call it last. */
  refuseOthers(): void {
    for (const key of this.members.keys()) {
      if (!this.known.has(key)) {
        this.problems.push(`${this.name}: expected one of ${[...this.known].join(', ')}, got the unknown "${key}"`);
      }
    }
  }

  /**
   * Reports every member that was not read, and then creates what the object describes if it has no problem. An error of
   * the creation is a problem of the object.
   */
  create<T>(create: () => T): T | undefined {
    this.refuseOthers();
    if (this.problems.length > this.former) return undefined;
    try {
      return create();
    } catch (error) {
      this.problems.push(`${this.name}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  /** Reports a problem that a member has. */
  refuse(key: string, problem: string): void {
    this.problems.push(`${this.name}.${key}: ${problem}`);
  }

  private require(key: string, expected: string): void {
    if (this.members.get(key) === undefined) this.problem(key, expected, undefined);
  }

  private problem(key: string, expected: string, got: unknown): void {
    this.refuse(key, `expected ${expected}, got ${describe(got)}`);
  }
}

function describe(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}
