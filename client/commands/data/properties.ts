import { type Command, type Context, UsageError, type Values, textOf } from '../command';
import { EXIT, type ExitCode } from '../exit-codes';
import { facts } from '../layout';
import { ACTOR, JSON_OUTPUT, WALLET, numberOf, walletOf } from './options';
import { printJson } from '../output';
import { PrivateFile } from './private-file';
import { readProperties } from './properties-input';
import { withClient } from './with-client';

export const properties: Command = {
  name: 'properties',
  summary: 'read or replace the properties of a wallet, which are not secret',
  about: [
    'Prints the properties of a wallet, by default the newest version. It opens nothing, and adds no row to the access log. --json and --out keep every character.',
    'With --set it replaces them by those of a file, if they still have the version that --expected-version names (0: the wallet has none). Exit code 5: they have another version, or backup information that the new ones lack.',
  ].join('\n'),
  options: {
    ...WALLET,
    version: { value: 'N', about: 'read this version (by default the newest)' },
    out: { value: 'FILE', about: 'write the properties to this new file, byte for byte' },
    set: { value: 'FILE', about: 'replace them by those of this file; - for standard input' },
    'expected-version': { value: 'N', about: 'with --set, the version to replace' },
    force: { about: 'with --set, replace even backup information; with --out, replace the file' },
    ...ACTOR,
    ...JSON_OUTPUT,
  },
  examples: [
    'share-vault properties --wallet ID --chain EVM --out properties.json',
    'share-vault properties --wallet ID --chain EVM --set properties.json \\\n  --expected-version 1',
  ],

  async run(context, values) {
    const file = textOf(values, 'set');
    return file === undefined ? read(context, values) : replace(context, values, file);
  },
};

async function read(context: Context, values: Values): Promise<ExitCode> {
  if (values['expected-version'] !== undefined)
    throw new UsageError('--expected-version: expected --set with it, got none');
  const wallet = walletOf(values);
  const version = numberOf(values, 'version');
  const path = textOf(values, 'out');
  const files = PrivateFile.createAll(path === undefined ? [] : [['out', path]], values.force === true);
  try {
    const found = await withClient(context, values, 'properties', (vault) =>
      vault.walletProperties(wallet, { version, fresh: true }),
    );
    const { walletProperties, ...about } = found;
    for (const file of files) {
      file.write(Buffer.from(walletProperties));
      file.appear();
    }
    if (values.json === true) printJson(context.stdout, path === undefined ? found : about);
    else context.stderr.write(facts(Object.entries(about), context.stderr.columns));
    if (values.json !== true && path === undefined) context.stdout.write(`${walletProperties}\n`);
    return EXIT.done;
  } catch (error) {
    for (const file of files) file.discard();
    throw error;
  }
}

async function replace(context: Context, values: Values, file: string): Promise<ExitCode> {
  const other = ['version', 'out'].find((name) => values[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--set: expected no --${other} with it`);
  const expectedVersion = numberOf(values, 'expected-version');
  if (expectedVersion === undefined) throw new UsageError('--set: expected --expected-version with it, got none');
  const input = { ...walletOf(values), expectedVersion, ...(values.force === true && { force: true }) };
  const walletProperties = await readProperties('set', file, context);
  const replaced = await withClient(context, values, 'seal', (vault) =>
    vault.replaceWalletProperties({ ...input, walletProperties }),
  );
  if (values.json === true) printJson(context.stdout, replaced);
  else context.stdout.write(facts(Object.entries(replaced), context.stdout.columns));
  return EXIT.done;
}
