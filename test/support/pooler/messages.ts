/** A message of PostgreSQL's protocol after the start-up: its type, and all of its bytes. */
export interface Message {
  readonly type: string;
  readonly bytes: Buffer;
}

/** Cuts a stream of bytes into messages. */
export class MessageReader {
  #rest: Buffer = Buffer.alloc(0);

  /** Returns the messages that are complete with these bytes. */
  read(chunk: Buffer): readonly Message[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const messages: Message[] = [];
    while (this.#rest.length >= 5) {
      const length = 1 + this.#rest.readUInt32BE(1);
      if (this.#rest.length < length) break;
      const bytes = this.#rest.subarray(0, length);
      messages.push({ type: String.fromCharCode(bytes[0] ?? 0), bytes });
      this.#rest = this.#rest.subarray(length);
    }
    return messages;
  }
}

/** Returns a message of this type. */
export function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Returns an ErrorResponse. */
export function errorResponse(severity: 'ERROR' | 'FATAL', code: string, text: string): Buffer {
  return message('E', Buffer.from(`S${severity}\0V${severity}\0C${code}\0M${text}\0\0`));
}

/** The response to a login: AuthenticationOk, the encoding, BackendKeyData, ReadyForQuery. */
export const LOGGED_IN = Buffer.concat([
  message('R', Buffer.alloc(4)),
  message('S', Buffer.from('client_encoding\0UTF8\0')),
  message('K', Buffer.alloc(8)),
  message('Z', Buffer.from('I')),
]);

export const READY_IN_ERROR = message('Z', Buffer.from('I'));

/** Returns the statement that a message has: a simple query's, or a parsed one's with its name. */
export function statementOf({ type, bytes }: Message): { readonly name: string; readonly text: string } | undefined {
  const parts = bytes.subarray(5).toString().split('\0');
  if (type === 'Q') return { name: '', text: parts[0] ?? '' };
  return type === 'P' ? { name: parts[0] ?? '', text: parts[1] ?? '' } : undefined;
}
