import { randomBytes } from 'node:crypto';
import type { UnsealItem } from '../lambda/contract/requests';
import { openMaterials } from './outbound';
import { UnsealedRecord } from './record';
import { type Recipient, type RecipientCurve, createRecipient } from './recipient';
import { readUnsealResponse, rejected } from './responses';

/** The key pair and the random value of one unseal. Nothing that is bound to others opens. */
export interface OneTime {
  readonly recipient: Recipient;
  /** 16 bytes, base64url */
  readonly req: string;
}

export async function createOneTime(curve: RecipientCurve): Promise<OneTime> {
  return { recipient: await createRecipient(curve), req: randomBytes(16).toString('base64url') };
}

/**
 * Opens one record of a response. Throws `ResponseRejected` if anything in it differs from the request; materials that it
 * had opened until then are wiped.
 */
export async function openRecord(
  json: unknown,
  { kind, walletId, chain }: UnsealItem,
  { recipient, req }: OneTime,
  env: string,
): Promise<UnsealedRecord> {
  const response = readUnsealResponse(json);
  if (response.kind !== kind) throw rejected(`kind: expected ${kind}, got ${response.kind}`);
  return new UnsealedRecord(response, await openMaterials(response, { env, walletId, chain, req }, recipient));
}
