import { wipe } from '../../../lambda/contract/bytes';
import { LIMITS } from '../../../lambda/contract/limits';
import { MATERIALS, type MaterialName } from '../../../lambda/contract/kinds';
import { type Command, CommandFailure, type Context, UsageError, type Values, required, textOf } from '../command';
import { interruptible } from '../data/interrupt';
import { MATERIAL_OPTIONS, kindOf, materialNamed } from '../data/options';
import { PrivateFile } from '../data/private-file';
import { type Target, distinct, namedTargets } from '../data/targets';
import { EXIT, type ExitCode } from '../exit-codes';
import { printable } from '../printable';
import { type DataKeySource, sourceOf } from './data-keys';
import { type RecoveryEntry, namesOf, openMaterial, readMaterials, recoveryEntries, requireRow } from './materials';
import { readFile } from './read-file';
import { MAX_ROW_BYTES, type RecordRow, parseRow } from './row';

/** The frames of two materials, the length of the first one, and what the frames need. */
const MAX_BODY_BYTES = 2 * LIMITS.materialBytes + 16_384;

export const recover: Command = {
  name: 'recover',
  summary: "open a record of the vault's database with a recovery key, offline",
  about: [
    'Opens the materials of a record without the vault, and writes each to a new file that only its owner can read. No material is printed. It needs the row of the record, from the query in docs/keys/recovery.md, and the private half of a recovery key to which the record is wrapped.',
    'If the private key is in AWS KMS, Google Cloud or Azure: --print-wrapped prints a wrapped data key in base64, the service unwraps it, and --data-key reads the result, 32 bytes.',
    "Nothing is called, and no access log gets a row. A message that is not bound to the row's facts and to --environment is refused.",
  ].join('\n'),
  options: {
    record: { value: 'FILE', about: "the record's row as JSON" },
    'private-key': { value: 'FILE', about: 'the private recovery key, PEM of PKCS #8 or PKCS #1' },
    'passphrase-file': { value: 'FILE', about: 'its passphrase, the first line of this file' },
    'print-wrapped': { value: 'MATERIAL', about: "print this material's wrapped data key, and open nothing" },
    key: { value: 'NAME', about: "the recovery key's name for --print-wrapped (by default the only one)" },
    'data-key': {
      value: 'MATERIAL=FILE',
      about: "this material's data key, unwrapped; once for each material",
      repeated: true,
    },
    body: { value: 'FILE', about: "the entry of the body store, if the record's body is there" },
    'delegated-share': { value: 'FILE', about: 'the new file for the delegated share' },
    'wallet-api-key': { value: 'FILE', about: 'the new file for the API key of the wallet' },
    'server-key-shares': { value: 'FILE', about: 'the new file for the server key shares' },
    force: { about: 'replace files that exist' },
  },
  examples: [
    'share-vault recover --record row.json --environment prod \\\n  --private-key safe-2026.pem --passphrase-file passphrase \\\n  --delegated-share share.json --wallet-api-key key.txt',
    'share-vault recover --record row.json --print-wrapped server-key-shares \\\n  | base64 --decode > wrapped',
  ],
  isOffline: (values) => values['print-wrapped'] !== undefined,

  run: (context, values) => interruptible((signal) => runRecover(context, values, signal)),
};

async function runRecover(context: Context, values: Values, signal: AbortSignal): Promise<ExitCode> {
  const targets = distinct(namedTargets(values));
  const printed = textOf(values, 'print-wrapped');
  if (printed !== undefined) return printWrapped(context, values, targets, materialNamed('print-wrapped', printed));
  if (values.key !== undefined) throw new UsageError('--key: expected --print-wrapped with it, got none');
  const names = targets.map(({ name }) => name);
  const kind = kindOf(names);
  const source = sourceOf(values, names);
  const row = readRow(values);
  if (row.kind !== kind) throw otherKind(row);
  await open(context, values, { row, targets, source, signal });
  return EXIT.done;
}

interface Opening {
  readonly row: RecordRow;
  readonly targets: readonly Target[];
  readonly source: DataKeySource;
  readonly signal: AbortSignal;
}

async function open(context: Context, values: Values, { row, targets, source, signal }: Opening): Promise<void> {
  const { environment, stderr } = context;
  const materials = materialsOf(row, values);
  for (const material of materials) requireRow(material, row, environment);
  const files = PrivateFile.createAll(
    targets.map(({ option, path }) => [option, path] as const),
    values.force === true,
  );
  try {
    for (const [i, { name }] of targets.entries()) {
      const material = materials.find((each) => each.name === name);
      if (material === undefined) throw otherKind(row);
      const dataKey = source.open(material);
      let opened: Buffer | undefined;
      try {
        opened = await openMaterial(material, row, { environment, dataKey });
        files[i]?.write(opened);
      } finally {
        wipe(dataKey, opened);
      }
    }
    signal.throwIfAborted();
    for (const file of files) file.appear();
    const wallet = `wallet ${printable(row.walletId)} on ${printable(row.chain)}`;
    stderr.write(`opened record ${row.recordId} of ${wallet} ${source.what}\n`);
  } catch (error) {
    for (const file of files) file.discard();
    throw error;
  }
}

function readRow(values: Values): RecordRow {
  return parseRow(readFile('record', required(values, 'record'), MAX_ROW_BYTES));
}

function materialsOf(row: RecordRow, values: Values) {
  const path = textOf(values, 'body');
  return readMaterials(row, path === undefined ? undefined : readFile('body', path, MAX_BODY_BYTES));
}

function printWrapped(context: Context, values: Values, targets: readonly Target[], name: MaterialName): ExitCode {
  const others = ['private-key', 'passphrase-file', 'data-key'].some((option) => values[option] !== undefined);
  if (targets.length > 0 || others) throw new UsageError('--print-wrapped: expected no key and no output with it');
  const row = readRow(values);
  const material = materialsOf(row, values).find((each) => each.name === name);
  if (material === undefined) throw otherKind(row);
  const { wrapped } = entryOf(recoveryEntries(material), textOf(values, 'key'));
  context.stdout.write(`${Buffer.from(wrapped).toString('base64')}\n`);
  return EXIT.done;
}

/** Returns the data key that is wrapped to the named recovery key, or to the only one. */
function entryOf(entries: readonly RecoveryEntry[], name: string | undefined): RecoveryEntry {
  const found = name === undefined ? entries : entries.filter(({ info }) => info.startsWith(`${name} SHA256:`));
  const [entry] = found;
  if (entry !== undefined && found.length === 1) return entry;
  const expected = name === undefined ? 'one recovery key, or --key with the name of one' : 'the recovery key of --key';
  throw new CommandFailure(`expected a record that is wrapped to ${expected}, got ${namesOf(entries)}`);
}

function otherKind({ kind }: RecordRow): UsageError {
  const options = MATERIALS[kind].map((name) => MATERIAL_OPTIONS[name]);
  return new UsageError(`expected ${options.join(' or ')} as the material of this record, got another`);
}
