import { isStored } from '../parameters';
import type { Resolver } from '../resolver';
import { tryResolve } from '../try-resolve';
import { type Mention, mentionsIn } from './mentions';

/** What linked templates use and don't have. */
export interface Needs {
  /** names of exports */
  readonly imports: ReadonlySet<string>;
  /** outputs, as `STACK OUTPUT` */
  readonly outputs: ReadonlySet<string>;
  /** names in Parameter Store */
  readonly stored: ReadonlySet<string>;
}

/** Returns what linked templates use of other stacks. Omits names that can't be resolved: their readers report them. */
export function needsOf(resolver: Resolver): Needs {
  const { Resources, Conditions, Outputs } = resolver.template;
  const { names, uses } = mentionsIn({ Resources, Conditions, Outputs }, []);
  const [exported, published] = [new Set(resolver.exports()), new Set(resolver.publishes())];
  const named = (kind: Mention['kind']) =>
    uses.filter((use) => use.kind === kind).flatMap((use) => resolvedName(use, resolver) ?? []);
  return {
    imports: new Set(named('import').filter((name) => !exported.has(name))),
    outputs: new Set(uses.flatMap((use) => outputOf(use, resolver))),
    stored: new Set(
      [...named('stored'), ...lookedUp(names, resolver)].filter((name) => {
        return !published.has(name) && resolver.deployment.stored?.(name) === undefined;
      }),
    ),
  };
}

/** Returns whether nothing is needed. */
export function needsNothing({ imports, outputs, stored }: Needs): boolean {
  return imports.size + outputs.size + stored.size === 0;
}

/** Returns whether linked templates have something of what others need. */
export function offers(resolver: Resolver, stack: string, needs: Needs): boolean {
  return (
    resolver.exports().some((name) => needs.imports.has(name)) ||
    resolver.publishes().some((name) => needs.stored.has(name)) ||
    [...needs.outputs].some((each) => each.startsWith(`${stack} `))
  );
}

function resolvedName({ argument, path }: Mention, resolver: Resolver): string | undefined {
  const name = tryResolve(() => resolver.resolve(argument, path));
  return typeof name === 'string' ? name : undefined;
}

/** Returns the output of another stack, unless it is known. */
function outputOf({ kind, argument, path }: Mention, resolver: Resolver): readonly string[] {
  if (kind !== 'output') return [];
  const found = tryResolve(() => resolver.resolve(argument, path));
  if (typeof found !== 'object' || found === null) return [];
  const { StackName, OutputName } = found as { readonly StackName?: unknown; readonly OutputName?: unknown };
  if (typeof StackName !== 'string' || typeof OutputName !== 'string') return [];
  return resolver.outputId(StackName, OutputName) === undefined ? [`${StackName} ${OutputName}`] : [];
}

/** Returns the names in Parameter Store that parameters have as their values. */
function lookedUp(parameters: ReadonlySet<string>, resolver: Resolver): readonly string[] {
  return [...parameters].flatMap((name) => {
    const { Type = '' } = resolver.template.Parameters[name] ?? {};
    return isStored(Type) ? (tryResolve(() => resolver.given(name)) ?? []) : [];
  });
}
