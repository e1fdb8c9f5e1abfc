import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { dictionary, read } from './fields';
import { readJson } from './template';

const manifest = v.object({
  files: v.optional(
    dictionary(
      v.object({
        source: v.object({ path: v.optional(v.string()), packaging: v.optional(v.string()) }),
        destinations: dictionary(v.object({ objectKey: v.string() })),
      }),
    ),
    {},
  ),
});

/** Holds the assets of a synth: folders and files that a deploy would upload. */
export class Assets {
  /** object key → path, by the manifest */
  readonly #paths: ReadonlyMap<string, string>;
  readonly #folder: string;

  readonly #folders: ReadonlyMap<string, string>;

  /**
   * @param templateFile `NAME.template.json`; `NAME.assets.json` is read if it exists beside it
   * @param folders folders by object key, for assets that are missing from the synth
   */
  constructor(templateFile: string, folders: ReadonlyMap<string, string> = new Map()) {
    this.#folders = folders;
    this.#folder = dirname(templateFile);
    const file = templateFile.replace(/(\.nested)?\.template\.json$/, '.assets.json');
    const { files } =
      file !== templateFile && existsSync(file) ? read(manifest, readJson(file), file, []) : { files: {} };
    this.#paths = new Map(
      Object.values(files).flatMap(({ source: { path }, destinations }) =>
        Object.values(destinations).flatMap(({ objectKey }) =>
          path === undefined ? [] : [[objectKey, path] as const],
        ),
      ),
    );
  }

  /** Returns the path of the asset that is uploaded under a key: by the manifest, else by the resource's metadata. */
  path(objectKey: string, metadata: Readonly<Record<string, unknown>>): string | undefined {
    const hint = metadata['aws:asset:path'];
    const path = this.#paths.get(objectKey) ?? (typeof hint === 'string' ? hint : undefined);
    return path === undefined ? undefined : join(this.#folder, path);
  }

  /** Returns the path of an asset if it is an existing folder, else the folder given to the constructor for its key. */
  folder(objectKey: string, metadata: Readonly<Record<string, unknown>>): string | undefined {
    const path = this.path(objectKey, metadata);
    const exists = path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    return exists ? path : this.#folders.get(objectKey);
  }
}
