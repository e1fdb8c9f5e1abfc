import * as v from 'valibot';
import { LIMITS } from '../api';
import { VaultError } from '../errors';
import { parseJson } from '../json';
import { id, read, wallet } from '../shape';

/** What tells one event from another, and when it happened. */
export interface EventIds {
  readonly eventId: string;
  readonly messageId: string;
  /** nanoseconds since 1970: all the digits that were sent */
  readonly eventTime: bigint;
}

/** Whose material it is. */
export interface DelegatedWallet {
  readonly walletId: string;
  readonly chain: string;
  readonly userId: string;
  readonly publicKey: string;
  readonly shareSetId?: string | undefined;
}

/** Both materials of a delivery as they came: hybrid envelopes, not yet looked at. */
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
  readonly ids: EventIds;
  readonly wallet: Pick<DelegatedWallet, 'walletId' | 'chain'>;
}

export type DynamicEvent =
  | { readonly type: 'ping'; readonly name: string }
  | CreatedEvent
  | RevokedEvent
  /** one that the vault has no use for; its name only where that is a plain word */
  | { readonly type: 'other'; readonly name: string | undefined };

const PLAIN_NAME = /^[a-z][a-zA-Z0-9_.-]{0,63}$/;
/** `YYYY-MM-DDTHH:MM:SS`, and what is finer */
const UTC_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;
const NANOSECONDS_PER_MS = 1_000_000n;

const NAME = v.object({ eventName: v.string('a string') });
const COMMON = { eventId: id, messageId: id, timestamp: v.string('a string') };
// read by lambda/transport, member by member
const envelope = v.custom<object>((value) => typeof value === 'object' && value !== null, 'an envelope');
/** The event names its user too, who may be none there: the record is of the user that the data names. */
const CREATED = v.object({
  ...COMMON,
  data: v.object({
    ...wallet,
    userId: id,
    publicKey: id,
    shareSetId: v.nullish(id),
    encryptedDelegatedShare: envelope,
    encryptedWalletApiKey: envelope,
  }),
});
/** No more than it takes to destroy: a revocation is not turned away for a member that it does not need. */
const REVOKED = v.object({ ...COMMON, data: v.object(wallet) });

/**
 * Reads a delivery's body, once its signature was verified. Members that are not needed are passed over, whatever they
 * are: Dynamic adds some. Throws `InvalidRequest`. `nowMs` in milliseconds since 1970.
 */
export function readEvent(body: Uint8Array, nowMs: number): DynamicEvent {
  const event = parseJson(body);
  const { eventName: name } = read(NAME, event);
  switch (name) {
    case 'ping':
      return { type: 'ping', name };
    case 'wallet.delegation.created':
      return { type: 'created', name, ...readCreated(event, nowMs) };
    case 'wallet.delegation.revoked':
      return { type: 'revoked', name, ...readRevoked(event, nowMs) };
    default:
      return { type: 'other', name: PLAIN_NAME.test(name) ? name : undefined };
  }
}

function readCreated(event: unknown, nowMs: number): Omit<CreatedEvent, 'type' | 'name'> {
  const { data, ...common } = read(CREATED, event);
  const { encryptedDelegatedShare: delegatedShare, encryptedWalletApiKey: walletApiKey, shareSetId, ...whose } = data;
  return {
    ids: idsOf(common, nowMs),
    wallet: { ...whose, shareSetId: shareSetId ?? undefined },
    envelopes: { delegatedShare, walletApiKey },
  };
}

function readRevoked(event: unknown, nowMs: number): Omit<RevokedEvent, 'type' | 'name'> {
  const { data, ...common } = read(REVOKED, event);
  return { ids: idsOf(common, nowMs), wallet: data };
}

function idsOf(
  { eventId, messageId, timestamp }: { eventId: string; messageId: string; timestamp: string },
  nowMs: number,
): EventIds {
  return { eventId, messageId, eventTime: timeOf(timestamp, nowMs) };
}

/** Reads ISO 8601 in UTC: a day and an hour that exist, from 1970 on, hardly ahead. Nanoseconds since 1970. */
function timeOf(timestamp: string, nowMs: number): bigint {
  const [, seconds = '', fraction = ''] = UTC_TIME.exec(timestamp) ?? [];
  const start = new Date(`${seconds}Z`);
  // a day that does not exist is read as a later one
  const real = start.getTime() >= 0 && start.toISOString().startsWith(seconds);
  if (!real) throw new VaultError('InvalidRequest', 'timestamp: expected an ISO 8601 time in UTC, got another string');
  const time = BigInt(start.getTime()) * NANOSECONDS_PER_MS + BigInt(fraction.padEnd(9, '0'));
  const latest = BigInt(nowMs + LIMITS.webhookAheadSeconds * 1_000) * NANOSECONDS_PER_MS;
  if (time <= latest) return time;
  const expected = `at most ${LIMITS.webhookAheadSeconds} seconds ahead`;
  throw new VaultError('InvalidRequest', `timestamp: expected ${expected}, got a later time`);
}
