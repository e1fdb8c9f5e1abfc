import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
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

/** The files and folders that a synth's assets are read from. */
export interface AssetSources {
  /** paths of the files that describe assets */
  readonly manifests: readonly string[];
  /** paths by object key, of assets that no manifest describes @default - none */
  readonly paths?: ReadonlyMap<string, string>;
  /** folders by object key, for assets that are missing from the synth @default - none */
  readonly folders?: ReadonlyMap<string, string> | undefined;
}

/** Holds the assets of a synth: folders and files that a deploy would upload. */
export class Assets {
  /** paths by object key */
  readonly #paths: ReadonlyMap<string, string>;
  readonly #folders: ReadonlyMap<string, string>;

  constructor({ manifests, paths = new Map(), folders = new Map() }: AssetSources) {
    this.#folders = folders;
    this.#paths = new Map([...manifests.flatMap(readManifest), ...paths]);
  }

  /** Reads the assets of one template: `NAME.assets.json` is read if it exists beside `NAME.template.json`. */
  static beside(templateFile: string): Assets {
    return new Assets({ manifests: manifestsBeside(templateFile) });
  }

  /** Returns the path of the asset that is uploaded under a key: by the manifest, else by the resource's metadata. */
  path(objectKey: string, metadata: Readonly<Record<string, unknown>>): string | undefined {
    const hint = metadata['aws:asset:path'];
    return this.#paths.get(objectKey) ?? (typeof hint === 'string' ? hint : undefined);
  }

  /** Returns the path of an asset if it is an existing folder, else the folder given to the constructor for its key. */
  folder(objectKey: string, metadata: Readonly<Record<string, unknown>>): string | undefined {
    const path = this.path(objectKey, metadata);
    const exists = path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    return exists ? path : this.#folders.get(objectKey);
  }
}

/** Returns the path of `NAME.assets.json` beside `NAME.template.json`, if it exists. */
export function manifestsBeside(templateFile: string): readonly string[] {
  const file = templateFile.replace(/\.template\.json$/, '.assets.json');
  return file !== templateFile && existsSync(file) ? [file] : [];
}

function readManifest(file: string): readonly (readonly [string, string])[] {
  const { files } = read(manifest, readJson(file), file, []);
  return Object.values(files).flatMap(({ source: { path }, destinations }) =>
    Object.values(destinations).flatMap(({ objectKey }) =>
      path === undefined ? [] : [[objectKey, join(dirname(file), path)] as const],
    ),
  );
}

/** Returns a resource's metadata with the absolute path of its asset, since templates of several folders are linked. */
export function withAssetPath(
  metadata: Readonly<Record<string, unknown>>,
  templateFile: string,
): Record<string, unknown> {
  const hint = metadata['aws:asset:path'];
  return typeof hint === 'string' ? { ...metadata, 'aws:asset:path': resolve(dirname(templateFile), hint) } : metadata;
}
