import { once } from 'node:events';
import type { Readable } from 'node:stream';

/**
 * The first message of a PostgreSQL client (protocol 3, "Message Flow: Start-up"): read within bounds, and passed on
 * unchanged.
 */
export type StartupMessage =
  | { readonly kind: 'tls' | 'gss' | 'cancel'; readonly message: Buffer }
  | { readonly kind: 'start'; readonly message: Buffer; readonly user: string; readonly database: string };

/** The server's own limits: MAX_STARTUP_PACKET_LENGTH, and PG_MAX_AUTH_TOKEN_LENGTH for a password. */
const MAX_STARTUP_BYTES = 10_000;
const MAX_PASSWORD_BYTES = 65_535;

const CANCEL_CODE = 80_877_102;
const TLS_CODE = 80_877_103;
const GSS_CODE = 80_877_104;
const PROTOCOL_MAJOR = 3;

export const TLS_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
export const TLS_ACCEPTED = Buffer.from('S');
export const GSS_DECLINED = Buffer.from('N');
/** AuthenticationCleartextPassword: Aurora requests a token with it. */
export const PASSWORD_REQUEST = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

/** A response that ends the client's connection: an SQLSTATE and the server's message for it. */
export class StartupRefusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }

  /** Returns an ErrorResponse. */
  toMessage(): Buffer {
    const fields = `SFATAL\0VFATAL\0C${this.code}\0M${this.message}\0\0`;
    const message = Buffer.alloc(5 + Buffer.byteLength(fields));
    message.write('E');
    message.writeUInt32BE(message.length - 1, 1);
    message.write(fields, 5);
    return message;
  }
}

/** Reads the first message, or the first inside TLS. Rejects when the signal aborts. */
export async function readStartupMessage(stream: Readable, signal: AbortSignal): Promise<StartupMessage> {
  const head = await readExactly(stream, 8, signal);
  const length = head.readUInt32BE(0);
  if (length < 8 || length > MAX_STARTUP_BYTES) throw new StartupRefusal('08P01', 'invalid length of startup packet');
  const rest = length > 8 ? await readExactly(stream, length - 8, signal) : Buffer.alloc(0);
  const message = Buffer.concat([head, rest]);
  const code = head.readUInt32BE(4);
  if (code === CANCEL_CODE) return { kind: 'cancel', message };
  if (code === TLS_CODE || code === GSS_CODE) return { kind: code === TLS_CODE ? 'tls' : 'gss', message };
  if (code >>> 16 !== PROTOCOL_MAJOR) throw new StartupRefusal('0A000', 'unsupported frontend protocol');
  return { kind: 'start', message, ...readParameters(rest) };
}

/** Reads the response to a request for a password: up to its first zero byte, as the server does. */
export async function readPassword(stream: Readable, signal: AbortSignal): Promise<string> {
  const head = await readExactly(stream, 5, signal);
  const length = head.readUInt32BE(1);
  if (head[0] !== 0x70 || length < 5 || length > MAX_PASSWORD_BYTES) {
    throw new StartupRefusal('08P01', 'expected password response');
  }
  const text = await readExactly(stream, length - 4, signal);
  return text.subarray(0, text.indexOf(0)).toString();
}

/**
 * Reads exactly `count` bytes; later bytes are for another reader. It takes the buffered bytes out before it waits for
 * more: otherwise a stream with buffered bytes emits `readable` in an endless loop.
 */
export async function readExactly(stream: Readable, count: number, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let missing = count; missing > 0;) {
    const there = Math.min(missing, stream.readableLength);
    const chunk: unknown = there > 0 ? stream.read(there) : null;
    if (Buffer.isBuffer(chunk)) {
      chunks.push(chunk);
      missing -= chunk.length;
    } else {
      await once(stream, 'readable', { signal });
    }
  }
  return Buffer.concat(chunks);
}

/** Parses alternating names and values, each ended by a zero byte. Throws on a duplicate name: it is ambiguous. */
function readParameters(bytes: Buffer): { readonly user: string; readonly database: string } {
  const texts = bytes.toString().split('\0');
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < texts.length && texts[at] !== ''; at += 2) {
    const name = texts[at] ?? '';
    if (parameters.has(name)) throw new StartupRefusal('08P01', 'invalid startup packet layout: a duplicate name');
    parameters.set(name, texts[at + 1] ?? '');
  }
  const user = parameters.get('user') ?? '';
  if (user === '') throw new StartupRefusal('28000', 'no PostgreSQL user name specified in startup packet');
  return { user, database: parameters.get('database') ?? user };
}
