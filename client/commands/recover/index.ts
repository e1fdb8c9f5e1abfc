import { wipe } from '../../../lambda/contract/bytes';
import { LIMITS } from '../../../lambda/contract/limits';
import { MATERIALS, type MaterialName } from '../../../lambda/contract/kinds';
import { CommandFailure, type Context, UsageError, type Values, required, textOf } from '../command';
import { interruptible } from '../data/interrupt';
import { MATERIAL_OPTIONS, kindOf, materialNamed } from '../data/options';
import { PrivateFile } from '../data/private-file';
import { type Target, distinct, namedTargets } from '../data/targets';
import { EXIT, type ExitCode } from '../exit-codes';
import { printable } from '../printable';
import { type DataKeySource, sourceOf } from './data-keys';
import { type RecoveryEntry, namesOf, openMaterial, readMaterials, recoveryEntries, requireRow } from './materials';
import { readBoundedFile } from './bounded-file';
import { MAX_ROW_BYTES, type RecordRow, parseRow } from './row';
import { requireNotRevoked } from './tombstones';

/** The frames of two materials, the length of the first one, and what the frames need. */
const MAX_BODY_BYTES = 2 * LIMITS.materialBytes + 16_384;

export function runRecover(context: Context, values: Values): Promise<ExitCode> {
  return interruptible((signal) => recoverRecord(context, values, signal));
}

async function recoverRecord(context: Context, values: Values, signal: AbortSignal): Promise<ExitCode> {
  const targets = distinct(namedTargets(values));
  const printed = textOf(values, 'print-wrapped');
  if (printed !== undefined) return printWrapped(context, values, targets, materialNamed('print-wrapped', printed));
  if (values.key !== undefined) throw new UsageError('--key: expected --print-wrapped with it, got none');
  const names = targets.map(({ name }) => name);
  const kind = kindOf(names);
  const source = sourceOf(values, names);
  const row = readRow(values);
  if (row.kind !== kind) throw otherKind(row);
  const list = textOf(values, 'tombstones');
  const until = list === undefined ? undefined : await requireNotRevoked(context, list, row);
  await open(context, values, { row, targets, source, signal });
  if (until !== undefined) context.stderr.write(`not revoked by the tombstones until ${until}\n`);
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
        opened = openMaterial(material, row, { environment, dataKey });
        files[i]?.write(opened);
      } finally {
        wipe(dataKey, opened);
      }
    }
    // signals arrive in a turn of the event loop
    await new Promise((resolve) => setImmediate(resolve));
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
  return parseRow(readBoundedFile('record', required(values, 'record'), MAX_ROW_BYTES));
}

function materialsOf(row: RecordRow, values: Values) {
  const path = textOf(values, 'body');
  return readMaterials(row, path === undefined ? undefined : readBoundedFile('body', path, MAX_BODY_BYTES));
}

function printWrapped(context: Context, values: Values, targets: readonly Target[], name: MaterialName): ExitCode {
  const others = ['private-key', 'passphrase-file', 'data-key', 'tombstones'].some(
    (option) => values[option] !== undefined,
  );
  if (targets.length > 0 || others)
    throw new UsageError('--print-wrapped: expected no key, no tombstones and no output with it');
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
