import { PassThrough, Readable } from 'node:stream';
import type { ErrorCode } from '../../../../lambda/contract/codes';
import type { StandInResponse } from '../../../../local/emulator/elsewhere/stand-in';
import { crc32c } from '../../../../lambda/remote/crc';
import { DESCRIPTIONS, type Name } from './support/world';

/** Faults of the services of other keys, each with the codes that a wrap, an unwrap and a login end with. */
export interface Fault {
  /** completes: a response that … */
  readonly what: string;
  /** gets the service's own response */
  readonly respond: (own: StandInResponse) => StandInResponse | Promise<StandInResponse>;
  readonly code: ErrorCode;
  /** of a refusal */
  readonly status?: number;
  /** attempts at one operation @default 1 */
  readonly attempts?: number;
}

/** The service's bytes that were read of a body without an end. */
export const sent = { bytes: 0 };

const CHUNK = Buffer.alloc(65_536, ' ');
const ENDLESS_BYTES = 104_857_600;

function* chunks(): Generator<Buffer> {
  sent.bytes = 0;
  for (; sent.bytes < ENDLESS_BYTES; sent.bytes += CHUNK.length) yield CHUNK;
}

/** A body that begins and then stalls. */
function stalling(): PassThrough {
  const body = new PassThrough();
  body.write('{"name":');
  return body;
}

const answered = (status: number, body: object | string = '', headers = {}): Fault['respond'] =>
  () => ({ status, headers, body }); // prettier-ignore
const failing = (status: number): Fault => ({
  what: `has status ${status}`,
  respond: answered(status, { error: { code: 'x', status: 'x' }, errors: ['x'] }),
  code: status === 429 ? 'KeyThrottled' : 'KeyUnreachable',
  attempts: 3,
});
const refusing = (status: number): Fault => ({
  status,
  what: `has status ${status}`,
  respond: answered(status, { error: { code: 'x', status: 'x' }, errors: ['x'] }),
  code: 'KeyUnavailable',
});
const later = (what: string, value: string, attempts = 1): Fault => ({
  what: `asks to try again ${what}`,
  respond: answered(429, '', { 'retry-after': value }),
  code: 'KeyThrottled',
  attempts,
});
const anotherHost = 'https://login.microsoftonline.com/taken';

export const FAULTS: readonly Fault[] = [
  { what: 'is empty', respond: answered(200), code: 'KeyUnreachable' },
  { what: 'is HTML', respond: answered(200, '<html></html>'), code: 'KeyUnreachable' },
  { what: 'is JSON that breaks off', respond: answered(200, '{"name":"'), code: 'KeyUnreachable' },
  { what: 'is an empty object', respond: answered(200, {}), code: 'KeyUnreachable' },
  { what: 'is a list', respond: answered(200, []), code: 'KeyUnreachable' },
  { what: 'is null', respond: answered(200, 'null'), code: 'KeyUnreachable' },
  {
    what: 'has numbers in place of texts',
    respond: answered(200, { name: 1, ciphertext: 1, plaintext: 1, value: 1, data: 1, access_token: 1, auth: 1 }),
    code: 'KeyUnreachable',
  },
  {
    what: 'has base64 with blanks',
    respond: answered(200, { ciphertext: 'A A=', plaintext: 'A A=', value: 'A A', access_token: 'a b' }),
    code: 'KeyUnreachable',
  },
  { what: 'is 100 MiB long', respond: () => ({ status: 200, body: Readable.from(chunks()) }), code: 'KeyUnreachable' },
  {
    what: 'is 64 KiB of one text',
    respond: answered(200, { value: 'A'.repeat(65_536) }),
    code: 'KeyUnreachable',
  },
  ...[301, 302, 307, 308].map((status) => ({
    what: `redirects to another host by ${status}`,
    respond: answered(status, '', { location: anotherHost }),
    code: 'KeyUnreachable' as const,
  })),
  ...[403, 404, 405, 409].map(refusing),
  ...[429, 503].map(failing),
  later('after an hour', '3600'),
  later('at a date that is too late', new Date(Date.now() + 3_600_000).toUTCString()),
  later('at no time', 'tomorrow', 3),
];

/** Faults that take all of the time. */
export const STALLS: readonly Omit<Fault, 'code'>[] = [
  { what: 'stalls in its headers', respond: () => new Promise(() => undefined) },
  { what: 'stalls in its body', respond: () => ({ status: 200, body: stalling() }) },
];

/** Returns the status by which a service refuses a token. */
export function refusedToken(name: Name): number {
  return DESCRIPTIONS[name].type === 'vault-transit' ? 403 : 401;
}

type Body = Record<string, unknown>;
const changed = (change: (body: Body) => Body): Fault['respond'] =>
  ({ body, ...own }) => ({ ...own, body: change(JSON.parse(JSON.stringify(body)) as Body) }); // prettier-ignore
const dataOf = ({ data }: Body): Body => (data as Body | undefined) ?? {};

type Service = (typeof DESCRIPTIONS)[Name]['type'];
/** Faults of one service only, by the operation. */
export const OWN_FAULTS: readonly (Fault & { readonly of: readonly Service[]; readonly on: 'wrap' | 'unwrap' })[] = [
  ...(['name', 'location'] as const).map((part) => ({
    of: ['gcp-kms'] as const,
    on: 'wrap' as const,
    what: `is of a key with another ${part}`,
    respond: changed((body) => ({
      ...body,
      name: String(body.name).replace(
        part === 'name' ? '/share/' : 'europe-west3',
        part === 'name' ? '/shares/' : 'europe-west4',
      ),
    })),
    code: 'KeyUnavailable' as const,
  })),
  ...(['wrap', 'unwrap'] as const).flatMap((on) => [
    {
      of: ['gcp-kms'] as const,
      on,
      what: 'has a wrong checksum',
      respond: changed((body) => ({ ...body, ciphertextCrc32c: '1', plaintextCrc32c: '1' })),
      code: 'KeyUnreachable' as const,
    },
    {
      of: ['gcp-kms'] as const,
      on,
      what: 'has no checksum',
      respond: changed(({ ciphertextCrc32c: _one, plaintextCrc32c: _other, ...body }) => body),
      code: 'KeyUnreachable' as const,
    },
    ...(['key', 'version', 'host'] as const).map((part) => ({
      of: ['azure-key-vault', 'azure-managed-hsm'] as const,
      on,
      what: `is of another ${part}`,
      respond: changed((body) => ({ ...body, kid: otherId(String(body.kid), part) })),
      code: 'KeyUnavailable' as const,
    })),
  ]),
  {
    of: ['gcp-kms'],
    on: 'wrap',
    what: 'says of one checksum only that it was compared',
    respond: changed(({ verifiedPlaintextCrc32c: _verified, ...body }) => body),
    code: 'KeyUnreachable',
  },
  {
    of: ['gcp-kms'],
    on: 'wrap',
    what: "says of the plaintext's checksum only that it was compared",
    respond: changed(({ verifiedAdditionalAuthenticatedDataCrc32c: _verified, ...body }) => body),
    code: 'KeyUnreachable',
  },
  ...([0, 6_145] as const).map((length) => ({
    of: ['gcp-kms'] as const,
    on: 'wrap' as const,
    what: `has a ciphertext of ${length} bytes with its checksum`,
    respond: changed((body) => {
      const ciphertext = Buffer.alloc(length);
      return { ...body, ciphertext: ciphertext.toString('base64'), ciphertextCrc32c: String(crc32c(ciphertext)) };
    }),
    code: 'KeyUnreachable' as const,
  })),
  {
    of: ['gcp-kms'],
    on: 'unwrap',
    what: 'names an invalid argument beside status 503',
    respond: answered(503, { error: { code: 503, message: '', status: 'INVALID_ARGUMENT' } }),
    code: 'KeyUnreachable',
  },
  {
    of: ['gcp-kms'],
    on: 'unwrap',
    what: 'refuses a destroyed version',
    respond: answered(400, { error: { code: 400, message: 'DESTROYED', status: 'FAILED_PRECONDITION' } }),
    code: 'KeyUnavailable',
  },
  ...([31, 33] as const).map((length) => ({
    of: ['gcp-kms', 'azure-key-vault', 'azure-managed-hsm', 'vault-transit'] as const,
    on: 'unwrap' as const,
    what: `has a data key of ${length} bytes`,
    respond: changed((body) => withDataKey(body, Buffer.alloc(length, 1))),
    code: 'ContextMismatch' as const,
  })),
  ...(['iv', 'value', 'tag'] as const).map((member) => ({
    of: ['azure-managed-hsm'] as const,
    on: 'wrap' as const,
    what: `has a byte less in its member ${member}`,
    respond: changed((body) => {
      const bytes = Buffer.from(String(body[member]), 'base64url');
      return { ...body, [member]: bytes.subarray(1).toString('base64url') };
    }),
    code: 'KeyUnreachable' as const,
  })),
  ...['bank:v1:', 'vault:v0:', 'vault:v:', ''].map((prefix) => ({
    of: ['vault-transit'] as const,
    on: 'wrap' as const,
    what: `has a ciphertext with the prefix ${JSON.stringify(prefix)}`,
    respond: changed((body) => ({
      ...body,
      data: { ciphertext: String(dataOf(body).ciphertext).replace('vault:v1:', prefix) },
    })),
    code: 'KeyUnreachable' as const,
  })),
];

/** Responses to a login that give no token, of one service only. */
export const LOGIN_FAULTS: readonly (Fault & { readonly of: readonly Service[] })[] = [
  ...[
    { what: 'has a token of another type', members: { token_type: 'pop' } },
    { what: 'has a token of two lines', members: { access_token: 'a\r\nx-b: c' } },
    { what: 'has an empty token', members: { access_token: '' } },
    { what: 'has a token of 16 KiB', members: { access_token: 'a'.repeat(16_385) } },
    { what: 'has a lifetime of 0', members: { expires_in: 0 } },
    { what: 'has a negative lifetime', members: { expires_in: -1 } },
    { what: 'has a lifetime that is a text', members: { expires_in: '3600' } },
    { what: 'has no lifetime', members: { expires_in: undefined } },
  ].map(({ what, members }) => ({
    of: ['gcp-kms', 'azure-key-vault', 'azure-managed-hsm'] as const,
    what,
    respond: changed((body) => ({ ...body, ...members })),
    code: 'KeyUnreachable' as const,
  })),
  ...[
    { what: 'has a token of two lines', members: { client_token: 'a\r\nx-b: c' } },
    { what: 'has an empty token', members: { client_token: '' } },
    { what: 'has a negative lifetime', members: { lease_duration: -1 } },
    { what: 'has a lifetime that is a text', members: { lease_duration: '300' } },
    { what: 'has no lifetime', members: { lease_duration: undefined } },
  ].map(({ what, members }) => ({
    of: ['vault-transit'] as const,
    what,
    respond: changed((body) => ({ ...body, auth: { ...Object(body.auth), ...members } as object })),
    code: 'KeyUnreachable' as const,
  })),
];

/** Returns a response to an unwrap with other bytes in all of its forms. */
export function withDataKey(body: Body, bytes: Buffer): Body {
  if (body.data !== undefined) return { ...body, data: { plaintext: bytes.toString('base64') } };
  if (body.kid !== undefined) return { ...body, value: bytes.toString('base64url') };
  return { ...body, plaintext: bytes.toString('base64'), plaintextCrc32c: String(crc32c(bytes)) };
}

function otherId(kid: string, part: 'key' | 'version' | 'host'): string {
  if (part === 'host') return kid.replace('sharevault-dev', 'sharevault-eu');
  return part === 'key' ? kid.replace('/share/', '/shares/') : `${kid.slice(0, -1)}0`;
}
