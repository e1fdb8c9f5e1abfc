import { hash, randomFillSync, randomUUID, timingSafeEqual } from 'node:crypto';
import { keyMemory, wipe } from '../contract/bytes';
import { CANARY_CONTEXT } from '../contract/canary-context';
import { VaultError } from '../contract/errors';
import { type Schema, readBy } from '../contract/schema';
import { openBytes, sealBytes } from '../keys/envelope';
import type { KeyProvider } from '../keys/provider';
import type { EncryptionContext } from '../message';
import type { Sealed } from '../store/restore-checks';
import { canonical } from './canonical-json';

/**
 * Facts that only the function's role can make: their SHA-256 is part of the encryption context of random bytes under the
 * share key. The bytes are worthless, so opening them shows that records open and reveals none.
 */

export interface FactsKeys {
  readonly environment: string;
  /** seals under the share key; opens with that and with those that only open */
  readonly shareKey: KeyProvider;
}

const RANDOM_BYTES = 32;
const FACTS_BYTES = 4_096;

export const newCanaryId = (): string => randomUUID();

/** Seals new random bytes, bound to an id and to the facts with the SHA-256 of the bytes. */
export async function sealFacts(
  id: string,
  facts: Readonly<Record<string, unknown>>,
  { environment, shareKey }: FactsKeys,
  signal: AbortSignal,
): Promise<Sealed> {
  const random = randomFillSync(keyMemory(RANDOM_BYTES));
  try {
    const text = canonical({ ...facts, sha256: hash('sha256', random, 'hex') });
    const { message } = await sealBytes(random, contextOf(environment, id, text), shareKey, signal);
    return { facts: text, sealed: message };
  } finally {
    wipe(random);
  }
}

/**
 * Opens sealed bytes and returns their facts. Throws `MessageCorrupt` if the facts are not of the schema or the bytes are not
 * theirs, `ContextMismatch` if the bytes are bound to another id or to other facts, and as `KeyProvider`.
 */
export async function openFacts<T extends { readonly sha256: string }>(
  id: string,
  { facts, sealed }: Sealed,
  schema: Schema<T>,
  { environment, shareKey }: FactsKeys,
  signal: AbortSignal,
): Promise<T> {
  const read = readFacts(facts, schema);
  const random = await openBytes(sealed, contextOf(environment, id, facts), shareKey, signal);
  try {
    if (!timingSafeEqual(hash('sha256', random, 'buffer'), Buffer.from(read.sha256, 'hex'))) {
      throw new VaultError('MessageCorrupt', 'expected the bytes of the sealed facts, got others');
    }
    return read;
  } finally {
    wipe(random);
  }
}

/** Reads facts by their schema. Throws `MessageCorrupt`; values are never quoted. */
export function readFacts<T>(facts: string, schema: Schema<T>): T {
  const refuse = (message: string): VaultError => new VaultError('MessageCorrupt', message);
  if (Buffer.byteLength(facts) > FACTS_BYTES) throw refuse(`expected facts of at most ${FACTS_BYTES} bytes, got more`);
  return readBy(schema, parse(facts), { name: 'facts' }, refuse);
}

function parse(facts: string): unknown {
  try {
    return JSON.parse(facts);
  } catch {
    throw new VaultError('MessageCorrupt', 'expected facts in JSON, got something else');
  }
}

function contextOf(environment: string, id: string, facts: string): EncryptionContext {
  const values: Readonly<Record<(typeof CANARY_CONTEXT.names)[number], string>> = {
    environment,
    facts: hash('sha256', facts, 'hex'),
    id,
    kind: CANARY_CONTEXT.kind,
  };
  return new Map(CANARY_CONTEXT.names.map((name) => [name, values[name]]));
}
