import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Assets } from '../template/assets';
import type { Template } from '../template';

/** A synth's assets, and for functions whose code isn't among them the bundles that this package holds. */
export class BundledAssets extends Assets {
  /** object key → folder among the bundles */
  readonly #folders: ReadonlyMap<string, string>;

  constructor(template: Template, bundles: string | undefined) {
    super(template.file);
    const functions = bundles === undefined ? [] : Object.values(template.Resources);
    this.#folders = new Map(functions.flatMap(({ Properties }) => bundleOf(Properties, bundles ?? '')));
  }

  override folder(objectKey: string, metadata: Readonly<Record<string, unknown>>): string | undefined {
    return super.folder(objectKey, metadata) ?? this.#folders.get(objectKey);
  }
}

/** CDK's helpers for deploys: their code never runs here. */
const HELPER = '__entrypoint__.handler';

/** The vault's functions are called `share-vault-ENVIRONMENT-HANDLER`. */
function bundleOf(
  { Code, FunctionName, Handler }: Readonly<Record<string, unknown>>,
  bundles: string,
): readonly (readonly [string, string])[] {
  const key: unknown = typeof Code === 'object' && Code !== null ? Reflect.get(Code, 'S3Key') : undefined;
  if (typeof key !== 'string') return [];
  if (Handler === HELPER) return [[key, bundles]];
  const [, handler] = /^share-vault-.+-([a-z]+)$/.exec(typeof FunctionName === 'string' ? FunctionName : '') ?? [];
  const bundle = join(bundles, handler ?? '');
  return handler !== undefined && existsSync(join(bundle, 'index.mjs')) ? [[key, bundle]] : [];
}
