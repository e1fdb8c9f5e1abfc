import { dirname, resolve } from 'node:path';
import {
  Assets,
  type AssemblyStack,
  type Linked,
  StackTemplate,
  TemplateError,
  isAssembly,
  link,
  manifestsBeside,
  parseTemplate,
  readAssembly,
} from '../template';
import { tryResolve } from '../template/try-resolve';
import type { DeployOptions, StackSource } from './contract';
import type { PhysicalNames } from './physical';
import { type StackPlace, placeOfApp, siblingsOf, stackOf, placeOf } from './place';

/** The stacks of a deployment, linked to one template. */
export interface LinkedSource {
  readonly template: StackTemplate;
  readonly place: StackPlace;
  /** names of an app's stacks; undefined for one template */
  readonly stacks: readonly string[] | undefined;
  /** `STACK:NAME` of the parameters without a value */
  readonly missing: readonly string[];
}

type Options = StackSource & Pick<DeployOptions, 'codeFolders' | 'amend'>;

/** The stacks to link, and what they are linked with. */
interface Selection {
  /** the path that errors name */
  readonly file: string;
  readonly place: StackPlace;
  readonly stacks: readonly AssemblyStack[];
  /** all stacks that may be linked */
  readonly assembly: readonly AssemblyStack[];
  readonly main?: AssemblyStack;
  readonly assetManifests: readonly string[];
}

/** Stacks that are linked and not amended yet. */
interface LinkedStacks {
  readonly options: Options;
  readonly selection: Selection;
  readonly linked: Linked;
  /** paths of the assets that parameters name, by their S3 keys */
  readonly paths: ReadonlyMap<string, string>;
}

/** Links the stacks of a deployment after applying `amend` and `amends` to their template. Throws `TemplateError`. */
export function readStacks(
  options: Options,
  names: PhysicalNames,
  ...amends: readonly DeployOptions['amend'][]
): LinkedSource {
  const stacks = linkStacks(options, names);
  const { selection, linked } = stacks;
  return {
    template: amended(stacks, linked.sections, amends),
    place: selection.place,
    stacks: options.app === undefined ? undefined : linked.stacks,
    missing: linked.missing,
  };
}

/** Returns the linked template of `readStacks`. */
export function readStack(...args: Parameters<typeof readStacks>): StackTemplate {
  return readStacks(...args).template;
}

/** Returns what `readStack` returns for one more change. The files are read and linked once, at the first call. */
export function amender(options: Options, names: PhysicalNames): (amend: DeployOptions['amend']) => StackTemplate {
  let stacks: LinkedStacks | undefined;
  return (amend) => {
    stacks ??= linkStacks(options, names);
    return amended(stacks, structuredClone(stacks.linked.sections), [amend]);
  };
}

function linkStacks(options: Options, names: PhysicalNames): LinkedStacks {
  const { parameters = {}, ssmParameters = {} } = options;
  if (options.app !== undefined && options.template !== undefined)
    throw new TypeError('expected a template or an app, got both');
  const selection =
    options.app === undefined ? selectTemplate(options.template) : selectStacks(options.app, options.stacks ?? []);
  const { file, place, stacks, assembly, main, assetManifests: manifests } = selection;
  const paths = new Map(
    [...stacks, ...assembly].flatMap(({ parameterAssets }) =>
      parameterAssets.map(({ objectKey, path }) => [objectKey, path] as const),
    ),
  );
  const stored = (name: string): string | undefined => ssmParameters[name];
  const deployment = { ...place, physical: names.find, stored };
  const assets = new Assets({ manifests, paths });
  const linked = link({ file, deployment, assembly, stacks, main, parameters, assets });
  return { options, selection, linked, paths };
}

/** Applies the changes to the sections, and reads them as a template. */
function amended(
  { options: { amend, codeFolders }, selection: { file, assetManifests: manifests }, linked, paths }: LinkedStacks,
  sections: Linked['sections'],
  amends: readonly DeployOptions['amend'][],
): StackTemplate {
  for (const change of [amend, ...amends]) change?.(sections);
  const template = parseTemplate(sections, file);
  return new StackTemplate(
    template,
    linked.deployment,
    new Assets({ manifests, paths, folders: codeFolders?.(template) }),
  );
}

function selectTemplate(template: string | undefined): Selection {
  if (template === undefined) throw new TypeError('expected a template or an app, got neither');
  const file = resolve(template);
  const siblings = siblingsOf(file);
  const main = stackOf(file, siblings);
  const folder = dirname(file);
  const listed = isAssembly(folder) ? tryResolve(() => readAssembly(folder).assetManifests) : [];
  return {
    ...{ file: template, main, stacks: [main], place: placeOf(file) },
    assembly: siblings,
    assetManifests: [...new Set([...(listed ?? []), ...manifestsBeside(file)])],
  };
}

/** Selects stacks of an app by their names or by their ids in the manifest, or all of them. Throws `TemplateError` if the app has errors. */
function selectStacks(app: string, names: readonly string[]): Selection {
  const { stacks: all, assetManifests } = readAssembly(app);
  const unknown = names.find((name) => all.every((stack) => stack.name !== name && stack.id !== name));
  const listed = all.map(({ name }) => name).join(', ') || 'none';
  if (unknown !== undefined || all.length === 0) {
    throw new TemplateError(`${app}: expected a stack of the app (${listed}), got ${unknown ?? 'none'}`);
  }
  const stacks = names.length === 0 ? all : all.filter(({ name, id }) => names.includes(name) || names.includes(id));
  const [error] = stacks.flatMap(({ errors }) => errors);
  if (error !== undefined) throw new TemplateError(`${app}: expected an app without errors, got ${error}`);
  return { file: app, place: placeOfApp(resolve(app), stacks), stacks, assembly: all, assetManifests };
}
