import { existsSync } from 'node:fs';
import * as v from 'valibot';
import type { Assets } from '../assets';
import { fail } from '../errors';
import { text } from '../fields';
import type { Resources } from '../resources';

/** The location of a function's code. */
export type FunctionCode =
  /** in a folder on this machine */
  | { readonly kind: 'folder'; readonly folder: string }
  /** in the template; Lambda names the file `index` */
  | { readonly kind: 'inline'; readonly source: string }
  /** in an archive among the assets or in a bucket of the user's; the emulator reads neither */
  | { readonly kind: 'archive'; readonly key: string }
  /** in a container image; the emulator runs no containers */
  | { readonly kind: 'image'; readonly uri: string };

/** Buckets to which the CDK uploads assets: those of its bootstrap stack, and that of the legacy synthesizer. */
const ASSET_BUCKET = /^cdk-[a-z0-9]+-assets-|^cdk-assets$/;

export const codeField = v.object({
  S3Bucket: v.optional(text),
  S3Key: v.optional(text),
  ZipFile: v.optional(text),
  ImageUri: v.optional(text),
});

/** Finds a function's code. Throws `TemplateError` if it is an asset of the synth, and the asset is missing. */
export function findCode(
  logicalId: string,
  code: v.InferOutput<typeof codeField>,
  { resolver }: Resources,
  assets: Assets,
): FunctionCode {
  const { S3Bucket: bucket, S3Key: key, ZipFile: source, ImageUri: uri } = code;
  if (source !== undefined) return { kind: 'inline', source };
  if (uri !== undefined) return { kind: 'image', uri };
  const path = ['Resources', logicalId, 'Properties', 'Code'];
  if (key === undefined) return fail(resolver.template, path, 'expected S3Key, ZipFile or ImageUri, got none');
  const metadata = resolver.template.Resources[logicalId]?.Metadata ?? {};
  const folder = assets.folder(key, metadata);
  if (folder !== undefined) return { kind: 'folder', folder };
  const asset = assets.path(key, metadata);
  const isForeign = asset === undefined && bucket !== undefined && !ASSET_BUCKET.test(bucket);
  if (isForeign || (asset !== undefined && existsSync(asset))) return { kind: 'archive', key };
  return fail(resolver.template, path, `expected a folder among the synth's assets, got none for ${key}`);
}
