import { basename, dirname } from 'node:path';
import { type AssemblyStack, TemplateError, isAssembly, readAssembly } from '../template';
import { tryResolve } from '../template/try-resolve';

/** The stack, account and region of a deployment. */
export interface StackPlace {
  /** for a cloud assembly, the name of its folder */
  readonly stack: string;
  /** 12 digits */
  readonly account: string;
  readonly region: string;
}

/** The default environment of stacks without one. The account is the one of AWS's examples. */
const ANYWHERE = { account: '111122223333', region: 'us-east-1' };

/** Reads the place from the manifest beside the template, if there is one. Account and region may be missing in it. */
export function placeOf(templateFile: string): StackPlace {
  const { name: stack, account, region } = stackOf(templateFile, siblingsOf(templateFile));
  return { stack, account: account ?? ANYWHERE.account, region: region ?? ANYWHERE.region };
}

/** Returns the stacks that the manifest beside a template lists; empty without a manifest. */
export function siblingsOf(templateFile: string): readonly AssemblyStack[] {
  const folder = dirname(templateFile);
  return (isAssembly(folder) ? tryResolve(() => readAssembly(folder).stacks) : undefined) ?? [];
}

/** Returns a template's stack among those of the manifest; a template that isn't listed is a stack of its own. */
export function stackOf(file: string, stacks: readonly AssemblyStack[]): AssemblyStack {
  const name = basename(file).replace(/(\.nested)?\.template\.json$/, '');
  const empty = { dependencies: [], parameterAssets: [], errors: [] };
  const unlisted = { ...empty, name, id: name, file, account: undefined, region: undefined };
  return (
    stacks.find((stack) => basename(stack.file) === basename(file) && dirname(stack.file) === dirname(file)) ?? unlisted
  );
}

/** Returns the place of an app's stacks. Throws `TemplateError` if they belong to several accounts or regions. */
export function placeOfApp(folder: string, stacks: readonly AssemblyStack[]): StackPlace {
  const [account = ANYWHERE.account, ...accounts] = new Set(stacks.flatMap((stack) => stack.account ?? []));
  const [region = ANYWHERE.region, ...regions] = new Set(stacks.flatMap((stack) => stack.region ?? []));
  if (accounts.length + regions.length === 0) return { stack: basename(folder), account, region };
  const hasTwin = (name: string) => stacks.filter((stack) => stack.name === name).length > 1;
  const places = Map.groupBy(stacks, (stack) => `${stack.account ?? 'any account'}, ${stack.region ?? 'any region'}`);
  const listed = [...places].map(
    ([place, group]) => `${group.map(({ name, id }) => (hasTwin(name) ? id : name)).join(', ')} (${place})`,
  );
  throw new TemplateError(
    `${folder}: expected stacks of one account and region, got ${listed.join('; ')}: choose with --stack NAME`,
  );
}
