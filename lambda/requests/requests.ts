import * as v from 'valibot';
import {
  type AuditRequest,
  LIMITS,
  MATERIALS,
  type MaterialName,
  type PropertiesRequest,
  type RevokeRequest,
  type SealRequest,
  type UnsealRequest,
} from '../contract/api';
import { VaultError } from '../contract/errors';
import { anySpelling, id, read, text, wallet } from './shape';

/** Generous for a JWE of the largest material; the transport checks the exact bound. */
const JWE_CHARS = 100_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const reason = text(LIMITS.reasonChars);
/** Server key shares have their tables, and no flows yet. */
const kind = v.literal('delegated-share', '"delegated-share"');
const jwe = v.pipe(v.string('a compact JWE'), v.minLength(1, 'a compact JWE'), v.maxLength(JWE_CHARS, 'a compact JWE'));
const properties = v.pipe(
  v.string('a string'),
  v.check(
    (value) =>
      value.isWellFormed() && !value.includes('\0') && Buffer.byteLength(value) <= LIMITS.walletPropertiesBytes,
    `at most ${LIMITS.walletPropertiesBytes} bytes of UTF-8 without NUL`,
  ),
);
const jwes = (names: readonly MaterialName[]) => v.strictObject(Object.fromEntries(names.map((name) => [name, jwe])));

const SEAL = v.strictObject({
  kind,
  userId: v.optional(id),
  ...wallet,
  publicKey: v.optional(id),
  shareSetId: v.optional(id),
  supersedes: v.optional(v.pipe(v.string('a UUID'), v.regex(UUID, 'a UUID in lower case'))),
  materials: jwes(MATERIALS['delegated-share']),
  walletProperties: v.optional(properties),
});

const UNSEAL = v.strictObject({
  kind,
  ...wallet,
  userId: v.optional(id),
  // read by lambda/transport, member by member
  recipient: v.custom<UnsealRequest['recipient']>(
    (value) => typeof value === 'object' && value !== null,
    'a public JWK',
  ),
  req: v.pipe(v.string('a string'), v.regex(/^[A-Za-z0-9_-]{21}[AQgw]$/, '16 bytes in base64url')),
  reason,
});

/** Revoking and auditing reach wallets that an older release stored in another spelling. */
const anyWallet = { walletId: anySpelling, chain: anySpelling };
const storedWallet = { walletId: text(LIMITS.idChars), chain: text(LIMITS.chainChars) };
const REVOKE = v.strictObject({ ...anyWallet, reason });

const wholeNumber = (min: number, max: number) => {
  const expected = `a whole number from ${min} to ${max}`;
  return v.pipe(v.number(expected), v.safeInteger(expected), v.minValue(min, expected), v.maxValue(max, expected));
};

const sequence = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const rowHash = v.pipe(v.string('a string'), v.regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits in lower case'));

const AUDIT = v.variant(
  'action',
  [
    v.strictObject({ action: v.literal('records'), ...storedWallet }),
    v.strictObject({
      action: v.literal('log'),
      ...storedWallet,
      after: v.optional(sequence),
      limit: v.optional(wholeNumber(1, LIMITS.pageRows)),
    }),
    v.strictObject({ action: v.literal('head'), ...storedWallet }),
    v.strictObject({
      action: v.literal('verify'),
      ...storedWallet,
      after: v.optional(sequence),
      hash: v.optional(rowHash),
      until: v.optional(v.strictObject({ sequence, hash: rowHash })),
    }),
  ],
  'records, log, head or verify',
);

const PROPERTIES = v.strictObject({ ...wallet, version: v.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER)) });

export const readSealRequest = (event: unknown): SealRequest => read(SEAL, event);
export const readUnsealRequest = (event: unknown): UnsealRequest => read(UNSEAL, event);
export const readRevokeRequest = (event: unknown): RevokeRequest => read(REVOKE, event);
export const readPropertiesRequest = (event: unknown): PropertiesRequest => read(PROPERTIES, event);

export function readAuditRequest(event: unknown): AuditRequest {
  const request = read(AUDIT, event);
  if (request.action !== 'verify' || (request.after === undefined) === (request.hash === undefined)) return request;
  throw new VaultError('InvalidRequest', 'request: expected both after and hash or neither, got one of them');
}
