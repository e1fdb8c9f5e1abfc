import type { AssemblyStack } from '../assembly';
import type { Deployment } from '../deployment';
import { fail } from '../errors';
import type { Sections } from './rename';
import { tryResolve } from '../try-resolve';
import { type LinkContext, Linker } from './linker';
import { needsNothing, needsOf, offers } from './needs';

export interface LinkInput extends LinkContext {
  /** the stacks of the assembly, each after those that it depends on */
  readonly assembly: readonly AssemblyStack[];
  /** the stacks to deploy; others of the assembly are linked if one of these needs them */
  readonly stacks: readonly AssemblyStack[];
  /** the stack whose resources keep their logical ids @default - all logical ids get the prefix `STACK/` */
  readonly main?: AssemblyStack | undefined;
}

/** Several templates as one. The resources of a stack follow those of the stacks that it depends on. */
export interface Linked {
  readonly sections: Sections;
  readonly deployment: Deployment;
  /** names of the stacks, the dependencies included */
  readonly stacks: readonly string[];
  /** `STACK:NAME` of the parameters without a value */
  readonly missing: readonly string[];
}

/**
 * Links templates and their nested stacks to one template, together with the stacks whose exports, outputs or published
 * parameters they need. Throws `TemplateError` if such a stack is in another account or region.
 */
export function link(input: LinkInput): Linked {
  const { deployment, parameters } = input;
  const { needed, linker: unordered } = withNeeded(input);
  const stacks = [...new Set([...input.assembly, ...input.stacks])].filter((stack) => needed.has(stack));
  const isOrdered = [...needed].every((stack, index) => stack === stacks[index]);
  const linker = isOrdered ? unordered : linked(stacks, input);
  const unknown = Object.keys(parameters).find((name) => !linker.used.has(name));
  if (unknown !== undefined) fail(input, [], `expected a parameter of a stack, got ${unknown}`);
  return {
    sections: linker.template,
    deployment: { ...deployment, origins: linker.origins },
    stacks: [...needed].map(({ name }) => name),
    missing: linker.missing,
  };
}

function linked(stacks: readonly AssemblyStack[], input: LinkInput): Linker {
  const linker = new Linker(input);
  for (const stack of stacks) linker.add(stack, stack === input.main ? '' : `${stack.name}/`);
  return linker;
}

/** Links the stacks to deploy, followed by those of the assembly that they need. */
function withNeeded(input: LinkInput): { readonly needed: ReadonlySet<AssemblyStack>; readonly linker: Linker } {
  const { assembly, stacks } = input;
  const linker = linked(stacks, input);
  const needed = new Set(stacks);
  const others = assembly.filter((stack) => !needed.has(stack));
  const candidates = new Map(nearFirst(others, input).map((stack) => [stack, probe(stack, input)]));
  for (;;) {
    const needs = needsOf(linker.resolver());
    if (needsNothing(needs)) return { needed, linker };
    const [stack, found] =
      [...candidates].find(([candidate, other]) => {
        const resolver = other()?.resolver();
        // Parameter Store of another account or region is another one
        const wanted = isNear(candidate, input) ? needs : { ...needs, stored: new Set<string>() };
        return resolver !== undefined && offers(resolver, candidate.name, wanted);
      }) ?? [];
    const next = found?.();
    if (stack === undefined || next === undefined) return { needed, linker };
    requireNear(stack, input);
    candidates.delete(stack);
    linker.absorb(next);
    needed.add(stack);
  }
}

/** Returns a function that links one stack at its first call; undefined if its template can't be read. */
function probe(stack: AssemblyStack, input: LinkInput): () => Linker | undefined {
  let linked: Linker | undefined | 'later' = 'later';
  return () => {
    if (linked === 'later') linked = tryResolve(() => new Linker(input).add(stack, `${stack.name}/`));
    return linked;
  };
}

/** Sorts stacks of the deployment's account and region before others: names of exports may repeat elsewhere. */
function nearFirst(stacks: readonly AssemblyStack[], input: LinkInput): readonly AssemblyStack[] {
  return [...stacks.filter((stack) => isNear(stack, input)), ...stacks.filter((stack) => !isNear(stack, input))];
}

function isNear({ account, region }: AssemblyStack, { deployment }: Pick<LinkInput, 'deployment'>): boolean {
  return (account ?? deployment.account) === deployment.account && (region ?? deployment.region) === deployment.region;
}

function requireNear(stack: AssemblyStack, input: LinkInput): void {
  if (isNear(stack, input)) return;
  const { account, region } = input.deployment;
  const place = `${stack.account ?? account}, ${stack.region ?? region}`;
  fail(input, [], `expected all stacks in account ${account} and region ${region}, got ${stack.name} (${place})`);
}
