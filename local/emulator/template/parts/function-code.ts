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
  /** in a container image; the emulator runs no containers */
  | { readonly kind: 'image'; readonly uri: string };

export const codeField = v.object({
  S3Key: v.optional(text),
  ZipFile: v.optional(text),
  ImageUri: v.optional(text),
});

/** Finds a function's code. Throws `TemplateError` if the synth's assets lack its folder. */
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
