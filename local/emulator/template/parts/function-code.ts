import * as v from 'valibot';
import type { Assets } from '../assets';
import { fail } from '../errors';
import { text } from '../fields';
import type { Resources } from '../resources';

/** Where a function's code is. */
export type FunctionCode =
  /** its module stands in a folder of this machine */
  | { readonly kind: 'folder'; readonly folder: string }
  /** the template holds it; Lambda calls the file `index` */
  | { readonly kind: 'inline'; readonly source: string }
  /** in a container image, which a machine without containers can't run */
  | { readonly kind: 'image'; readonly uri: string };

export const codeField = v.object({
  S3Key: v.optional(text),
  ZipFile: v.optional(text),
  ImageUri: v.optional(text),
});

/** Finds a function's code. Throws `TemplateError` where the synth left no folder for it. */
export function findCode(
  logicalId: string,
  code: v.InferOutput<typeof codeField>,
  { resolver }: Resources,
  assets: Assets,
): FunctionCode {
  const { S3Key: key, ZipFile: source, ImageUri: uri } = code;
  if (source !== undefined) return { kind: 'inline', source };
  if (uri !== undefined) return { kind: 'image', uri };
  const path = ['Resources', logicalId, 'Properties', 'Code'];
  if (key === undefined) return fail(resolver.template, path, 'expected S3Key, ZipFile or ImageUri, got none');
  const folder = assets.folder(key, resolver.template.Resources[logicalId]?.Metadata ?? {});
  if (folder === undefined) {
    return fail(resolver.template, path, `expected a folder among the synth's assets, got none for ${key}`);
  }
  return { kind: 'folder', folder };
}
