import type { Loader, Plugin } from 'esbuild';
import { readFileSync } from 'node:fs';
import { throwing } from './throwing';

/** A module of a package that no function runs, and the code that the bundles have in its place. */
interface LeftOut {
  /** matches the file's path, from `node_modules`, with slashes */
  readonly file: RegExp;
  readonly replacement: (source: string) => string;
  readonly loader?: Loader;
}

/**
 * Modules of the AWS SDK and of pg that a function never runs. Each replacement throws when it is used, so that a use that
 * is overlooked, or one of a later version, fails loudly. A later version with other names fails in the build.
 */
export const LEFT_OUT: readonly LeftOut[] = [
  // pg's native client is never installed, and functions have one connection each: no pool
  { file: /\/pg\/lib\/native\/index\.js$/, replacement: () => 'module.exports = undefined;' },
  { file: /\/pg-pool\/index\.js$/, replacement: () => `module.exports = ${throwing('pg-pool')};` },
  { file: /\/pg-cloudflare\/dist\/\w+\.js$/, replacement: () => '' },
  // the password is always a function's result, and the address has members of its own
  { file: /\/pgpass\/lib\/index\.js$/, replacement: () => `module.exports = ${throwing('pgpass')};` },
  {
    file: /\/pg-connection-string\/index\.js$/,
    replacement: () => `exports.parse = ${throwing('pg-connection-string')};`,
  },
  // channel binding is an option, and off: the server's certificate is verified
  {
    file: /\/pg\/lib\/crypto\/cert-signatures\.js$/,
    replacement: () => `exports.signatureAlgorithmHashFromCertificate = ${throwing('channel binding')};`,
  },
  // rows come as text
  { file: /\/pg-types\/lib\/binaryParsers\.js$/, replacement: () => 'exports.init = () => {};' },
  // neither KMS nor Secrets Manager has operations that stream events
  {
    file: /\/@smithy\/core\/dist-es\/submodules\/event-streams\/index\.js$/,
    replacement: () => exporting(['EventStreamSerde', 'eventStreamSerdeProvider']),
  },
  // Node has SHA-256
  { file: /\/sha256\/Sha256Js\.js$/, replacement: () => exporting(['Sha256Js']) },
  // every client is created with the standard mode
  { file: /\/retry\/util-retry\/AdaptiveRetryStrategy\.js$/, replacement: () => exporting(['AdaptiveRetryStrategy']) },
  // nothing of a function's streams is signed: a signer constructs it, and would use it for the messages of a stream
  {
    file: /\/signature-v4\/dist-es\/HeaderFormatter\.js$/,
    replacement: () => `export class HeaderFormatter { format = ${throwing('HeaderFormatter')}; }`,
  },
  // functions have their configuration in the environment, and no home
  {
    file: /\/shared-ini-file-loader\/loadSharedConfigFiles\.js$/,
    replacement: () => `
      export { CONFIG_PREFIX_SEPARATOR } from './constants';
      export const loadSharedConfigFiles = () => Promise.resolve({ configFile: {}, credentialsFile: {} });`,
  },
  // functions have their region in the environment
  { file: /\/getInstanceMetadataRegion\.js$/, replacement: () => exporting(['getInstanceMetadataRegion']) },
  // of a client's manifest only the version is read, for the user agent
  { file: /\/@aws-sdk\/client-[a-z-]+\/package\.json$/, replacement: versionOnly, loader: 'json' },
];

/** Gives the bundles the replacements of `LEFT_OUT`. */
export const withoutUnused: Plugin = {
  name: 'without-unused',
  setup(builder) {
    for (const { file, replacement, loader = 'js' } of LEFT_OUT) {
      builder.onLoad({ filter: file }, ({ path }) => ({ contents: replacement(readFileSync(path, 'utf8')), loader }));
    }
  },
};

/** Returns true for the path of a module that has a replacement. */
export function isLeftOut(path: string): boolean {
  return LEFT_OUT.some(({ file }) => file.test(`/${path}`));
}

function exporting(names: readonly string[]): string {
  return names.map((name) => `export const ${name} = ${throwing(name)};`).join('\n');
}

function versionOnly(source: string): string {
  const { version } = JSON.parse(source) as { readonly version: string };
  return JSON.stringify({ version });
}
