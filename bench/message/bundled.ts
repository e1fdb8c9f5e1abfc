import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { openMessage, parseMessage, writeMessage } from '../../lambda/message';
import type { floorOf } from './floor';

/** The message format and the floor. */
export interface Bundled {
  readonly openMessage: typeof openMessage;
  readonly parseMessage: typeof parseMessage;
  readonly writeMessage: typeof writeMessage;
  readonly floorOf: typeof floorOf;
}

/** Loads both as one bundle, as handlers are bundled: a loader of TypeScript turns each constant of another file into a call. */
export async function loadBundled(): Promise<Bundled> {
  const folder = mkdtempSync(join(tmpdir(), 'share-vault-bench-'));
  try {
    const outfile = join(folder, 'message.mjs');
    const contents = `export * from './lambda/message'; export { floorOf } from './bench/message/floor';`;
    await build({
      stdin: { contents, resolveDir: join(__dirname, '..', '..') },
      ...{ outfile, bundle: true, minify: true, format: 'esm', platform: 'node', target: 'node22', logLevel: 'silent' },
    });
    return (await import(pathToFileURL(outfile).href)) as Bundled;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
