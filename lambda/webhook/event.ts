import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { LIMITS } from '../contract/limits';
import { guessChain } from '../contract/canonical';
import { VaultError } from '../contract/errors';
import type { NamedWallet } from '../contract/wallet';
import { parseJson } from '../requests/json';
import { anySpelling, id, sentChain } from '../contract/schema';
import { read } from '../requests/requests';

/** The ids and the time of an event. */
export interface EventIds {
  readonly eventId: string;
  readonly messageId: string;
  /** nanoseconds since 1970: all the digits that were sent */
  readonly eventTime: bigint;
}

/** A revocation's: without a time if it has none that can be read, or one too far ahead. */
export interface RevokedIds extends Omit<EventIds, 'eventTime'> {
  readonly eventTime?: bigint | undefined;
}

/** The wallet and the user of a delivery. */
export interface DelegatedWallet {
  readonly walletId: string;
  readonly chain: string;
  readonly userId: string;
  readonly publicKey: string;
  readonly shareSetId?: string | undefined;
}

/** Both materials of a delivery: hybrid envelopes, not yet read. */
export interface Envelopes {
  readonly delegatedShare: unknown;
  readonly walletApiKey: unknown;
}

export interface CreatedEvent {
  readonly type: 'created';
  readonly name: string;
  readonly ids: EventIds;
  readonly wallet: DelegatedWallet;
  readonly envelopes: Envelopes;
}

export interface RevokedEvent {
  readonly type: 'revoked';
  readonly name: string;
  readonly ids: RevokedIds;
  readonly wallet: NamedWallet;
  /** its time is too far ahead to be taken yet: it is to come again */
  readonly early: boolean;
}

export type DynamicEvent =
  | { readonly type: 'ping'; readonly name: string }
  | CreatedEvent
  | RevokedEvent
  /** an event that the vault ignores; its name only if that is a plain word */
  | { readonly type: 'other'; readonly name: string | undefined };

const PLAIN_NAME = /^[a-z][a-zA-Z0-9_.-]{0,63}$/;
/** `YYYY-MM-DDTHH:MM:SS`, digits that are finer, and the zone */
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const NANOSECONDS_PER_MS = 1_000_000n;

const NAME = v.object({ eventName: v.string('a string') });
/** lambda/transport reads its members, by the form of `HYBRID_ENVELOPE`. */
export const ENVELOPE = v.custom<object>((value) => typeof value === 'object' && value !== null, 'an envelope');
/** The record belongs to the user in `data`; the event's own user may be missing. */
export const CREATED_EVENT = v.object({
  eventName: v.literal('wallet.delegation.created'),
  eventId: id,
  messageId: v.nullish(id),
  timestamp: v.string('a string'),
  data: v.object({
    walletId: id,
    chain: sentChain,
    userId: id,
    publicKey: id,
    shareSetId: v.nullish(id),
    encryptedDelegatedShare: ENVELOPE,
    encryptedWalletApiKey: ENVELOPE,
  }),
});
/**
 * Destroying a wallet's shares needs only the wallet. A refused revocation would leave them open, so every other member
 * may be missing or of any type.
 */
export const REVOKED_EVENT = v.object({
  eventName: v.literal('wallet.delegation.revoked'),
  eventId: v.optional(v.unknown()),
  messageId: v.optional(v.unknown()),
  timestamp: v.optional(v.unknown()),
  data: v.object({ walletId: anySpelling, chain: v.optional(v.unknown()) }),
});

/**
 * Reads a delivery's body, after its signature was verified. Unknown members are ignored: Dynamic adds some. Throws `InvalidRequest`. `nowMs` in milliseconds since 1970.
 */
export function readEvent(body: Uint8Array, nowMs: number): DynamicEvent {
  const event = parseJson(body, { refuse });
  const { eventName: name } = read(NAME, event);
  switch (name) {
    case 'ping':
      return { type: 'ping', name };
    case 'wallet.delegation.created':
      return { type: 'created', name, ...readCreated(event, nowMs) };
    case 'wallet.delegation.revoked':
      return { type: 'revoked', name, ...readRevoked(event, body, nowMs) };
    default:
      return { type: 'other', name: PLAIN_NAME.test(name) ? name : undefined };
  }
}

function refuse(expected: string, got: string): VaultError {
  return new VaultError('InvalidRequest', `body: expected ${expected}, got ${got}`);
}

function readCreated(event: unknown, nowMs: number): Omit<CreatedEvent, 'type' | 'name'> {
  const { data, eventId, messageId, timestamp } = read(CREATED_EVENT, event);
  const { encryptedDelegatedShare: delegatedShare, encryptedWalletApiKey: walletApiKey, shareSetId, ...wallet } = data;
  return {
    ids: { eventId, messageId: messageId ?? eventId, eventTime: requireTime(timestamp, nowMs) },
    wallet: { ...wallet, shareSetId: shareSetId ?? undefined },
    envelopes: { delegatedShare, walletApiKey },
  };
}

/** An id that is missing or malformed is that of the message or of the bytes. */
function readRevoked(event: unknown, body: Uint8Array, nowMs: number): Omit<RevokedEvent, 'type' | 'name'> {
  const { data, ...given } = read(REVOKED_EVENT, event);
  const messageId = idOf(given.messageId);
  const eventId = idOf(given.eventId) ?? messageId ?? `sha256:${createHash('sha256').update(body).digest('hex')}`;
  const time = timeOf(given.timestamp);
  const early = time !== undefined && time > latestTime(nowMs);
  return {
    ids: { eventId, messageId: messageId ?? eventId, eventTime: early ? undefined : time },
    wallet: { walletId: data.walletId, chain: chainOf(data.chain) },
    early,
  };
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && v.is(id, value) ? value : undefined;
}

function chainOf(value: unknown): string | undefined {
  return typeof value === 'string' && guessChain(value) !== undefined ? value : undefined;
}

function requireTime(timestamp: unknown, nowMs: number): bigint {
  const time = timeOf(timestamp);
  if (time === undefined) {
    throw new VaultError('InvalidRequest', 'timestamp: expected a time of RFC 3339, got another string');
  }
  if (time <= latestTime(nowMs)) return time;
  throw tooEarly();
}

/** Returns the refusal of an event with a time too far ahead: the event comes again. */
export function tooEarly(): VaultError {
  const expected = `at most ${LIMITS.webhookAheadSeconds} seconds ahead`;
  return new VaultError('InvalidRequest', `timestamp: expected ${expected}, got a later time`);
}

/** Nanoseconds since 1970: no event is accepted with a later time. */
function latestTime(nowMs: number): bigint {
  return BigInt(nowMs + LIMITS.webhookAheadSeconds * 1_000) * NANOSECONDS_PER_MS;
}

/** Reads RFC 3339: a day and an hour that exist, from 1970 on. Nanoseconds since 1970, all the digits that were sent. */
function timeOf(timestamp: unknown): bigint | undefined {
  const match = typeof timestamp === 'string' ? TIME.exec(timestamp) : undefined;
  const [, local = '', fraction = '', zone = ''] = match ?? [];
  const inUtc = new Date(`${local}Z`);
  // 30 February is read as a day of March
  if (Number.isNaN(inUtc.getTime()) || !inUtc.toISOString().startsWith(local)) return undefined;
  const seconds = new Date(`${local}${zone}`).getTime();
  return seconds >= 0 ? BigInt(seconds) * NANOSECONDS_PER_MS + BigInt(fraction.padEnd(9, '0')) : undefined;
}
