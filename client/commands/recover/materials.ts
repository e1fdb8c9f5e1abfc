import { RECOVERY_PROVIDER_ID } from '../../../lambda/contract/elsewhere';
import { FIELDS, MATERIALS, type MaterialName } from '../../../lambda/contract/kinds';
import { recordContext } from '../../../lambda/keys/record-context';
import { type ParsedMessage, openMessage, parseMessage, requireContext } from '../../../lambda/message';
import { splitRecord } from '../../../lambda/store/bodies/cut';
import { CommandFailure, UsageError } from '../command';
import { MATERIAL_OPTIONS } from '../data/options';
import { factsOf } from '../error-facts';
import { printable } from '../printable';
import type { RecordRow } from './row';

/** A material of a record: its message as it claims to be. */
export interface SealedMaterial {
  readonly name: MaterialName;
  readonly message: ParsedMessage;
}

/** A data key of a message that is wrapped to a recovery key. */
export interface RecoveryEntry {
  /** the provider info: the key's name and fingerprint */
  readonly info: string;
  readonly wrapped: Uint8Array;
}

/** Reads all materials of a record. @param body - the entry of the body store, if the record's bodies are there */
export function readMaterials(row: RecordRow, body: Buffer | undefined): readonly SealedMaterial[] {
  const sealed = joined(row, body);
  return MATERIALS[row.kind].map((name) => ({
    name,
    message: refusing(name, () => parseMessage(sealed[name] ?? Buffer.alloc(0))),
  }));
}

function joined({ kind, sealed }: RecordRow, body: Buffer | undefined): RecordRow['sealed'] {
  const [first] = MATERIALS[kind];
  const split = refusing(first, () => splitRecord(sealed));
  if (split === undefined) {
    if (body === undefined) return sealed;
    throw new UsageError('--body: expected a record whose body is in a body store, got a whole one');
  }
  if (body !== undefined) return refusing(first, () => split.join(body));
  throw new UsageError(
    `expected --body with the body of this record, got none: read version ${printable(split.version)} of its entry in the body store`,
  );
}

/** Returns the wrapped data keys of a message for recovery keys. */
export function recoveryEntries({ message }: SealedMaterial): readonly RecoveryEntry[] {
  return message.dataKeys
    .filter(({ providerId }) => providerId === RECOVERY_PROVIDER_ID)
    .map(({ providerInfo, ciphertext }) => ({ info: Buffer.from(providerInfo).toString(), wrapped: ciphertext }));
}

/** Names the recovery keys of a message, for an error. */
export function namesOf(entries: readonly RecoveryEntry[]): string {
  return entries.length === 0 ? 'no recovery key' : entries.map(({ info }) => printable(info)).join(', ');
}

/** Throws unless the message claims to be bound to its row. Only opening it proves the claim. */
export function requireRow(material: SealedMaterial, row: RecordRow, environment: string): void {
  refusing(material.name, () => {
    requireContext(material.message, contextOf(material, row, environment));
  });
}

/** Opens a message that is bound to its row. The caller wipes the material, and the data key. */
export function openMaterial(
  material: SealedMaterial,
  row: RecordRow,
  { environment, dataKey }: { readonly environment: string; readonly dataKey: Uint8Array },
): Buffer {
  try {
    return openMessage(material.message, dataKey, contextOf(material, row, environment));
  } catch (error) {
    throw refusal(material.name, error);
  }
}

function contextOf({ name }: SealedMaterial, row: RecordRow, environment: string) {
  return recordContext({ ...row, environment }, FIELDS[name]);
}

function refusing<T>(name: MaterialName, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw refusal(name, error);
  }
}

/** The messages of these errors hold no byte of a message. */
function refusal(name: MaterialName, error: unknown): CommandFailure {
  const { name: code, message } = factsOf(error);
  const problem =
    code === 'ContextMismatch'
      ? 'expected a message of this row and of --environment, got one that is bound to others'
      : code === 'MessageCorrupt'
        ? message
        : 'expected to be opened, got an error';
  return new CommandFailure(`${MATERIAL_OPTIONS[name]}: ${problem} (${printable(code)})`, { cause: error });
}
