import { dotted, kindOf, type Path, TemplateError } from './errors';

/** Resolves an intrinsic's argument, as the template has it, in the scope of the argument. Undefined is no value. */
export type Intrinsic = (argument: unknown, scope: Scope) => unknown;

/** What intrinsics look up. Each throws `TemplateError` where there is no such thing, naming the path. */
export interface Names {
  /** as errors name the template */
  readonly file: string;
  /** of a resource, a parameter or a pseudo parameter; undefined for `AWS::NoValue` */
  ref(name: string, at: Path): unknown;
  /** undefined for an unknown intrinsic */
  intrinsic(name: string): Intrinsic | undefined;
  attribute(id: string, attribute: string, at: Path): unknown;
  condition(name: string, at: Path): boolean;
  /** undefined where the map has no such entry */
  mapped(map: string, top: string, second: string, at: Path): unknown;
  imported(name: string, at: Path): string;
  /** of another stack; the region is the deployment's own where it is undefined */
  stackOutput(stack: string, output: string, region: string | undefined, at: Path): string;
  /** the zones of a region; the deployment's own where the name is empty */
  zones(region: string, at: Path): readonly string[];
}

/** A place in a template, and how the value that stands there is resolved. */
export class Scope {
  constructor(
    readonly names: Names,
    readonly path: Path,
  ) {}

  below(...steps: Path): Scope {
    return new Scope(this.names, [...this.path, ...steps]);
  }

  /** What CloudFormation would put there, all the way down; undefined is no value. Throws, never half done. */
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

  /** Resolves what has to become a text; numbers and booleans do. */
  text(value: unknown): string {
    const resolved = this.resolve(value);
    if (typeof resolved === 'string') return resolved;
    if (typeof resolved === 'number' || typeof resolved === 'boolean') return String(resolved);
    return this.fail('a text', resolved);
  }

  /** Resolves what has to become a list. */
  list(value: unknown): readonly unknown[] {
    const resolved = this.resolve(value);
    return Array.isArray(resolved) ? resolved : this.fail('a list', resolved);
  }

  /** A list as it is written, of a length between the two. */
  written(value: unknown, least: number, most = least): readonly unknown[] {
    if (Array.isArray(value) && value.length >= least && value.length <= most) return value;
    return this.fail(`a list of ${least === most ? least : `${least} to ${most}`}`, value);
  }

  fail(expected: string, got: unknown): never {
    throw new TemplateError(`${this.names.file}: ${dotted(this.path)}: expected ${expected}, got ${kindOf(got)}`);
  }

  /** A scope copies its path: most members are plain values and need no scope. */
  private member(step: string | number, value: unknown): unknown {
    return typeof value === 'object' && value !== null ? this.below(step).resolve(value) : value;
  }

  private call(name: string, argument: unknown, members: number): unknown {
    const inner = this.below(name);
    if (members > 1) return inner.fail('an intrinsic by itself', 'others beside it');
    const apply = this.names.intrinsic(name);
    return apply ? apply(argument, inner) : inner.fail('an intrinsic that is known here', argument);
  }
}
