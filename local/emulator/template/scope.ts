import { fail, kindOf, type Path } from './errors';

/** Evaluates an intrinsic function's unresolved argument, in the argument's scope. Returns undefined for no value. */
export type Intrinsic = (argument: unknown, scope: Scope) => unknown;

/** Looks up names for intrinsic functions. Methods with a path throw `TemplateError` with it for unknown names. */
export interface Names {
  /** the template's path, for errors */
  readonly file: string;
  /** returns the value of a resource, a parameter or a pseudo parameter; undefined for `AWS::NoValue` */
  ref(name: string, at: Path): unknown;
  /** returns undefined for an unknown intrinsic function */
  intrinsic(name: string): Intrinsic | undefined;
  attribute(id: string, attribute: string, at: Path): unknown;
  condition(name: string, at: Path): boolean;
  /** returns undefined if the mapping has no such entry */
  mapped(map: string, top: string, second: string, at: Path): unknown;
  imported(name: string, at: Path): string;
  /** returns an output of another stack; an undefined region means the deployment's own */
  stackOutput(stack: string, output: string, region: string | undefined, at: Path): string;
  /** returns the zones of a region; an empty name means the deployment's own region */
  zones(region: string, at: Path): readonly string[];
}

/** Resolves the value at one path of a template. */
export class Scope {
  constructor(
    readonly names: Names,
    readonly path: Path,
  ) {}

  below(...steps: Path): Scope {
    return new Scope(this.names, [...this.path, ...steps]);
  }

  /** Resolves a value and its members; returns undefined for no value. Throws `TemplateError` if a member fails. */
  resolve(value: unknown): unknown {
    if (Array.isArray(value)) {
      return value.map((member, index) => this.member(index, member)).filter((member) => member !== undefined);
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value) as readonly (readonly [string, unknown])[];
    const [intrinsic] = entries.filter(([name]) => name === 'Ref' || name.startsWith('Fn::'));
    if (intrinsic) return this.call(...intrinsic, entries.length);
    return Object.fromEntries(
      entries
        .map(([name, member]) => [name, this.member(name, member)] as const)
        .filter(([, member]) => member !== undefined),
    );
  }

  /** Resolves a value to a string; converts numbers and booleans. Throws `TemplateError` on other types. */
  text(value: unknown): string {
    const resolved = this.resolve(value);
    if (typeof resolved === 'string') return resolved;
    if (typeof resolved === 'number' || typeof resolved === 'boolean') return String(resolved);
    return this.fail('a text', resolved);
  }

  /** Resolves a value to a list. Throws `TemplateError` on other types. */
  list(value: unknown): readonly unknown[] {
    const resolved = this.resolve(value);
    return Array.isArray(resolved) ? resolved : this.fail('a list', resolved);
  }

  /** Returns an unresolved list of `minimum` to `maximum` members. Throws `TemplateError` on other values. */
  literalList(value: unknown, minimum: number, maximum = minimum): readonly unknown[] {
    if (Array.isArray(value) && value.length >= minimum && value.length <= maximum) return value;
    return this.fail(`a list of ${minimum === maximum ? minimum : `${minimum} to ${maximum}`}`, value);
  }

  fail(expected: string, got: unknown): never {
    return fail(this.names, this.path, `expected ${expected}, got ${kindOf(got)}`);
  }

  /** Resolves a member; creates a scope, with its copy of the path, only for members that are objects. */
  private member(step: string | number, value: unknown): unknown {
    return typeof value === 'object' && value !== null ? this.below(step).resolve(value) : value;
  }

  private call(name: string, argument: unknown, members: number): unknown {
    const inner = this.below(name);
    if (members > 1) fail(this.names, inner.path, 'expected an intrinsic function as the only member, got several');
    const apply = this.names.intrinsic(name);
    return apply ? apply(argument, inner) : inner.fail('a supported intrinsic function', argument);
  }
}
