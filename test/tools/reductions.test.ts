import { beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Plugin, build as esbuild, transformSync } from 'esbuild';
import { MIGRATIONS } from '../../lambda/store/migrations';
import { HANDLERS, build, bundle } from '../../tools/build/bundle';
import { LEFT_OUT } from '../../tools/build/left-out';
import { sharedErrors } from '../../tools/build/sdk-errors';

const ROOT = join(__dirname, '..', '..');
const clientErrors = (client: string) =>
  join(ROOT, 'node_modules', '@aws-sdk', client, 'dist-es', 'models', 'errors.js');
const CLIENTS = ['client-kms', 'client-secrets-manager'] as const;

describe('the modules that bundles leave out', () => {
  let inputs: readonly string[];
  beforeAll(async () => {
    const all = new Set<string>();
    const collect: Plugin = {
      name: 'collect',
      setup: (builder) => builder.onEnd(({ metafile }) => Object.keys(metafile?.inputs ?? {}).forEach((path) => all.add(`/${path}`))), // prettier-ignore
    };
    const outdir = mkdtempSync(join(tmpdir(), 'share-vault-reductions-'));
    await build({ outdir, only: HANDLERS, plugins: [collect] });
    rmSync(outdir, { recursive: true });
    inputs = [...all];
  });

  test.each(LEFT_OUT)('include $file in the installed packages', ({ file }) => {
    expect(inputs.filter((path) => file.test(path))).not.toEqual([]);
  });
});

describe('the replacement of a module that bundles leave out', () => {
  const PART = /^[\w -]+ is left out of this bundle$/;

  test.each([
    ['/pg-pool/index.js', 'default'],
    ['/pgpass/lib/index.js', 'default'],
    ['/pg-connection-string/index.js', 'parse'],
    ['/pg/lib/crypto/cert-signatures.js', 'signatureAlgorithmHashFromCertificate'],
    ['/@smithy/core/dist-es/submodules/event-streams/index.js', 'EventStreamSerde'],
    ['/@smithy/core/dist-es/submodules/event-streams/index.js', 'eventStreamSerdeProvider'],
    ['/sha256/Sha256Js.js', 'Sha256Js'],
    ['/retry/util-retry/AdaptiveRetryStrategy.js', 'AdaptiveRetryStrategy'],
    ['/getInstanceMetadataRegion.js', 'getInstanceMetadataRegion'],
  ])('of %s throws the part’s name when its export %s is called or constructed', (path, name) => {
    const part = replacementOf(path)[name] as (() => void) & (new () => object);

    expect(() => part()).toThrow(PART);
    expect(() => new part()).toThrow(PART);
  });

  test('of HeaderFormatter is constructed by a signer, and throws the part’s name when it formats', () => {
    const { HeaderFormatter } = replacementOf('/signature-v4/dist-es/HeaderFormatter.js');
    const formatter = new (HeaderFormatter as new () => { format: (headers: object) => void })();

    expect(() => formatter.format({})).toThrow('HeaderFormatter is left out of this bundle');
  });
});

/** Returns the exports of a module's replacement; that of `module.exports` is `default`. */
function replacementOf(path: string): Record<string, unknown> {
  const code = LEFT_OUT.find(({ file }) => file.test(path))?.replacement('') ?? '';
  const bundled = transformSync(code, { format: 'cjs' }).code;
  return evaluate(
    `${bundled}\nif (typeof module.exports === 'function') module.exports = { default: module.exports };`,
  );
}

/** Runs the text of a CommonJS module in this realm; returns its exports. */
function evaluate(text: string): Record<string, unknown> {
  const module: { exports: Record<string, unknown> } = { exports: {} };
  const parameters = ['module', 'exports', 'require'] as const;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval
  const run = new Function(...parameters, text) as (m: object, e: object, r: NodeJS.Require) => void;
  run(module, module.exports, require);
  return module.exports;
}

describe('the error classes of a client of the AWS SDK', () => {
  test.each(CLIENTS)('of %s have one definition in a bundle', (client) => {
    const source = readFileSync(clientErrors(client), 'utf8');

    expect(sharedErrors(source)?.length).toBeLessThan(source.length / 3);
  });

  test.each(CLIENTS)('of %s make the same errors as the generated ones', async (client) => {
    const file = clientErrors(client);
    const source = readFileSync(file, 'utf8');

    const [own, shared] = [await errorsOf(source, file), await errorsOf(sharedErrors(source) ?? '', file)];

    expect(Object.keys(own).length).toBeGreaterThan(10);
    expect(shared).toEqual(own);
  });

  test('stay as they are if the file has anything else in it', () => {
    const source = readFileSync(clientErrors('client-kms'), 'utf8');

    expect(sharedErrors(`${source}\nexport const more = 1;`)).toBeUndefined();
    expect(sharedErrors(source.replace('...opts,', '...opts, more: 1,'))).toBeUndefined();
  });
});

/** Returns what an error of each class has, by the class's name. */
async function errorsOf(contents: string, file: string): Promise<Record<string, unknown>> {
  const probe = `
    import * as all from 'errors';
    export const errors = Object.fromEntries(Object.entries(all).map(([name, type]) => {
      const error = new type({ message: 'text', Message: 'Text', $metadata: { requestId: 'id' } });
      return [name, { ...error, text: String(error), shapeId: type.shapeId, isOwn: error instanceof type, kind: Object.getPrototypeOf(type).name }];
    }));`;
  const { outputFiles } = await esbuild({
    stdin: { contents: probe, resolveDir: ROOT },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    mainFields: ['module', 'main'],
    plugins: [
      {
        name: 'errors',
        setup(builder) {
          builder.onResolve({ filter: /^errors$/ }, () => ({ path: file }));
          builder.onLoad({ filter: /errors\.js$/ }, ({ path }) => (path === file ? { contents } : undefined));
        },
      },
    ],
  });
  return evaluate(outputFiles[0]?.text ?? '').errors as Record<string, unknown>;
}

test('a bundle has the migrations as their sources state them', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'share-vault-migrations-'));
  try {
    const index = join(ROOT, 'lambda', 'store', 'migrations');
    const entry = join(ROOT, 'lambda', 'store', 'migrations', 'index.ts');
    const handler: Plugin = {
      name: 'handler',
      setup(builder) {
        builder.onResolve({ filter: /^bundled-migrations$/ }, () => ({ path: 'main', namespace: 'entry' }));
        builder.onLoad({ filter: /./, namespace: 'entry' }, () => ({
          contents: `export { MIGRATIONS as handler } from ${JSON.stringify(entry)};`,
          resolveDir: index,
        }));
      },
    };
    const [report] = await bundle({ main: 'bundled-migrations' }, { outdir: dir, plugins: [handler] });
    const script = `import('${pathToFileURL(report?.file ?? '').href}').then((m) => process.stdout.write(JSON.stringify(m.handler)))`;

    expect(JSON.parse(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }))).toEqual(MIGRATIONS);
    expect(report?.bytes).toBeLessThan(1_000);
    const compressed = readFileSync(join(dir, 'main', 'migrations.br'));
    expect(compressed.length).toBeLessThan(JSON.stringify(MIGRATIONS).length / 4);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
