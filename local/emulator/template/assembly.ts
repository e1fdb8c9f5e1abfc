import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { fail } from './errors';
import { dictionary, read } from './fields';
import { readJson } from './template';

/** A cloud assembly: the output folder of `cdk synth`, with the assemblies of its stages. */
export interface Assembly {
  /** each stack after those that it depends on */
  readonly stacks: readonly AssemblyStack[];
  /** paths of the files that describe assets */
  readonly assetManifests: readonly string[];
}

/** A stack of a cloud assembly. */
export interface AssemblyStack {
  readonly name: string;
  /** its artifact's name in the manifest */
  readonly id: string;
  /** names of the artifacts that are deployed before it */
  readonly dependencies: readonly string[];
  /** path of its template */
  readonly file: string;
  /** undefined for a stack that can be deployed to any account */
  readonly account: string | undefined;
  /** undefined for a stack that can be deployed to any region */
  readonly region: string | undefined;
  /** assets that the stack receives as parameters, as by the legacy synthesizer */
  readonly parameterAssets: readonly ParameterAsset[];
  /** errors that constructs added when the app was synthesized, with their paths */
  readonly errors: readonly string[];
}

export interface ParameterAsset {
  /** path of a folder or file */
  readonly path: string;
  readonly objectKey: string;
  /** values of the stack's parameters */
  readonly parameters: Readonly<Record<string, string>>;
}

const ENTRY = v.object({ type: v.string(), data: v.optional(v.unknown()) });
const METADATA = dictionary(v.array(ENTRY));
const ARTIFACT = v.object({
  environment: v.optional(v.string(), ''),
  properties: v.optional(
    v.object({
      templateFile: v.optional(v.string()),
      stackName: v.optional(v.string()),
      directoryName: v.optional(v.string()),
      file: v.optional(v.string()),
    }),
    {},
  ),
  metadata: v.optional(METADATA, {}),
  additionalMetadataFile: v.optional(v.string()),
  dependencies: v.optional(v.array(v.string()), []),
  type: v.optional(v.string()),
});
const MANIFEST = v.object({ artifacts: v.optional(dictionary(ARTIFACT), {}) });

/** An asset in a stack's metadata. */
const ASSET = v.object({
  path: v.string(),
  packaging: v.string(),
  sourceHash: v.string(),
  s3BucketParameter: v.string(),
  s3KeyParameter: v.string(),
  artifactHashParameter: v.string(),
});

const ENVIRONMENT = /^aws:\/\/(?<account>[^/]+)\/(?<region>[^/]+)$/;

/** Returns whether a folder has the manifest of a cloud assembly. */
export function isAssembly(folder: string): boolean {
  return existsSync(join(folder, 'manifest.json'));
}

/** Reads a cloud assembly. Throws `TemplateError` if a manifest is missing or isn't one. */
export function readAssembly(folder: string): Assembly {
  const file = join(folder, 'manifest.json');
  if (!isAssembly(folder))
    fail({ file: folder }, [], 'expected a folder with manifest.json, as `cdk synth` writes it, got none');
  const { artifacts } = read(MANIFEST, readJson(file), file, []);
  const all = Object.entries(artifacts);
  const stages = all.flatMap(
    ([
      ,
      {
        properties: { directoryName },
      },
    ]) => (directoryName === undefined ? [] : [readAssembly(join(folder, directoryName))]),
  );
  return {
    stacks: [
      ...sorted(all.flatMap(([id, artifact]) => stackOf(id, artifact, folder))),
      ...stages.flatMap(({ stacks }) => stacks),
    ],
    assetManifests: [
      ...all.flatMap(([, { type, properties }]) =>
        type === 'cdk:asset-manifest' && properties.file !== undefined ? [join(folder, properties.file)] : [],
      ),
      ...stages.flatMap(({ assetManifests }) => assetManifests),
    ],
  };
}

/** Returns stacks of one manifest with each stack after those that it depends on. */
function sorted(stacks: readonly AssemblyStack[]): readonly AssemblyStack[] {
  const [visited, before] = [new Set<AssemblyStack>(), new Set<AssemblyStack>()];
  const visit = (stack: AssemblyStack): void => {
    // also ends a circle, which no app has
    if (visited.has(stack)) return;
    visited.add(stack);
    for (const other of stacks) if (stack.dependencies.includes(other.id)) visit(other);
    before.add(stack);
  };
  for (const stack of stacks) visit(stack);
  return [...before];
}

function stackOf(id: string, artifact: v.InferOutput<typeof ARTIFACT>, folder: string): readonly AssemblyStack[] {
  const { environment, properties, additionalMetadataFile } = artifact;
  if (properties.templateFile === undefined) return [];
  const { account = '', region = '' } = ENVIRONMENT.exec(environment)?.groups ?? {};
  const further = additionalMetadataFile === undefined ? {} : metadataIn(join(folder, additionalMetadataFile));
  const metadata = [...Object.entries(artifact.metadata), ...Object.entries(further)];
  const entries = metadata.flatMap(([path, list]) => list.map((entry) => ({ ...entry, path })));
  return [
    {
      ...{ id, name: properties.stackName ?? id, dependencies: artifact.dependencies },
      file: join(folder, properties.templateFile),
      account: /^\d{12}$/.test(account) ? account : undefined,
      region: /^[a-z]{2}(-[a-z]+)+-\d$/.test(region) ? region : undefined,
      parameterAssets: entries.flatMap(({ type, data }) => (type === 'aws:cdk:asset' ? assetOf(data, folder) : [])),
      errors: entries.flatMap(({ type, data, path }) => (type === 'aws:cdk:error' ? [`${path}: ${String(data)}`] : [])),
    },
  ];
}

function metadataIn(file: string): v.InferOutput<typeof METADATA> {
  return existsSync(file) ? read(METADATA, readJson(file), file, []) : {};
}

/** Reads an asset; empty for container images. The text before `||` in the key is a folder of the bucket, as in AWS. */
function assetOf(data: unknown, folder: string): readonly ParameterAsset[] {
  const asset = v.safeParse(ASSET, data);
  if (!asset.success) return [];
  const { path, packaging, sourceHash, s3BucketParameter, s3KeyParameter, artifactHashParameter } = asset.output;
  const name = `${sourceHash}${packaging === 'zip' ? '.zip' : (/\.[^./]+$/.exec(path)?.[0] ?? '')}`;
  return [
    {
      path: join(folder, path),
      objectKey: `assets/${name}`,
      parameters: {
        [s3BucketParameter]: 'cdk-assets',
        [s3KeyParameter]: `assets/||${name}`,
        [artifactHashParameter]: sourceHash,
      },
    },
  ];
}
