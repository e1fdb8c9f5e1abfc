import { describe, expect, test } from '@jest/globals';
import { openMessage, parseMessage, writeMessage } from '../../../../lambda/message';
import { cutRecord, splitRecord } from '../../../../lambda/store/bodies/cut';
import { TRAILER, referenceTo, splitReference } from '../../../../lambda/store/bodies/reference';
import { BODIES } from '../../../../lambda/store/migrations/0025-bodies.sql';
import { esdkDecrypt, wrapDataKey, wrappingKeys } from '../../../../tools/esdk';
import { CONTEXT, newMessage, newShare } from './messages';

const VERSION = '0b9c3f7e-1c2d-4e5f-8a9b-0c1d2e3f4a5b';

describe('a record that is cut', () => {
  test.each([1, 600, 65_536])('is joined to the same messages, with a material of %d bytes', (length) => {
    const sealed = newShare(length);
    const { body, columns } = cutRecord('delegated-share', sealed);
    expect(splitRecord(columns(VERSION))?.join(body)).toEqual(sealed);
  });

  test('keeps the body of a single material as it is in the message', () => {
    const { message } = newMessage();
    const { body } = cutRecord('server-key-shares', { serverKeyShares: message });
    expect(body).toEqual(Buffer.from(parseMessage(message).body));
  });

  test('is opened by the AWS Encryption SDK once head and body are put together', async () => {
    const keys = wrappingKeys(1);
    const { dataKey, plaintext } = newMessage();
    const message = writeMessage({ plaintext, dataKey, wrapped: keys.map((key) => wrapDataKey(dataKey, key, CONTEXT)), context: CONTEXT }); // prettier-ignore
    const { body, columns } = cutRecord('server-key-shares', { serverKeyShares: message });
    const { head } = splitReference(columns(VERSION).serverKeyShares ?? Buffer.alloc(0)) ?? { head: Buffer.alloc(0) };

    const opened = await esdkDecrypt(Buffer.concat([head, body]), keys);

    expect(opened.plaintext.equals(plaintext)).toBe(true);
  });

  test('leaves nothing of the material in the columns: with the data key they do not open', async () => {
    const { message, dataKey } = newMessage();
    const { body, columns } = cutRecord('server-key-shares', { serverKeyShares: message });
    const column = columns(VERSION).serverKeyShares ?? Buffer.alloc(0);
    expect(() => parseMessage(column)).toThrowWithCode('MessageCorrupt');
    expect(Buffer.from(column).includes(body.subarray(24, 40))).toBe(false);
    // with a body of another message under the same header
    const { head } = splitReference(column) ?? { head: column };
    const other = parseMessage(newMessage().message).body;
    const forged = parseMessage(Buffer.concat([head, other]));
    expect(() => openMessage(forged, dataKey, CONTEXT)).toThrowWithCode('MessageCorrupt');
  });

  test('has no parts of a message in it that is not one', () => {
    const sealed = { serverKeyShares: Buffer.from('no message') };
    expect(() => cutRecord('server-key-shares', sealed)).toThrowWithCode('MessageCorrupt');
  });
});

describe('a reference', () => {
  const cut = cutRecord('delegated-share', newShare());
  const columns = cut.columns(VERSION);
  const column = Buffer.from(columns.delegatedShare ?? '');
  const at = column.length - TRAILER.length;

  test('names the version and the length of all bodies', () => {
    expect(splitRecord(columns)).toMatchObject({ version: VERSION, length: cut.body.length - 4 });
  });

  test('is not found in a whole message', () => {
    expect(splitRecord(newShare())).toBeUndefined();
  });

  test('is recognised by the database by the same trailer', () => {
    expect(BODIES).toContain(`- ${TRAILER.length - 1}) = '${TRAILER.toString()}'`);
  });

  const malformed: readonly (readonly [string, () => Buffer])[] = [
    ['an unknown marker', () => changed(column.length - referenceTo(cut.body, VERSION).length, 0xb1)],
    ['a version longer than the column', () => changed(at - 1, 255)],
    ['an empty version', () => changed(at - 1, 0)],
    ['a version of other characters', () => changed(at - 2, 0x0a)],
    ['nothing before its trailer', () => TRAILER],
  ];
  function changed(offset: number, value: number): Buffer {
    const copy = Buffer.from(column);
    copy[offset] = value;
    return copy;
  }
  test.each(malformed)('is refused with %s', (_what, bytes) => {
    expect(() => splitReference(bytes())).toThrowWithCode('MessageCorrupt');
  });

  test('is refused beside a whole message of the same record', () => {
    expect(() => splitRecord({ ...columns, walletApiKey: newMessage().message })).toThrowWithCode('MessageCorrupt');
  });

  test('is refused beside a reference to another version', () => {
    const other = cut.columns('another').walletApiKey ?? Buffer.alloc(0);
    expect(() => splitRecord({ ...columns, walletApiKey: other })).toThrowWithCode('MessageCorrupt');
  });

  test('is refused with a body of its hash if it says another length', () => {
    const { body, columns } = cutRecord('server-key-shares', { serverKeyShares: newMessage().message });
    const column = columns(VERSION).serverKeyShares ?? Buffer.alloc(0);
    const lengthAt = column.length - TRAILER.length - 1 - VERSION.length - 4;
    const forged = Buffer.from(column);
    forged.writeUInt32BE(body.length + 1, lengthAt);
    expect(() => splitRecord({ serverKeyShares: forged })?.join(body)).toThrowWithCode('MessageCorrupt');
  });

  test('takes no version that does not fit it', () => {
    for (const version of ['', 'x'.repeat(65), 'a b']) {
      expect(() => referenceTo(cut.body, version)).toThrowWithCode('InternalError');
    }
  });
});

describe('a body is refused', () => {
  const { body, columns } = cutRecord('delegated-share', newShare());
  const join = (other: Buffer) => splitRecord(columns(VERSION))?.join(other);

  test.each([
    ['of another record', cutRecord('delegated-share', newShare()).body],
    ['without its last byte', body.subarray(0, -1)],
    ['with a byte more', Buffer.concat([body, Buffer.alloc(1)])],
    ['with another length of its first material', Buffer.concat([Buffer.of(0, 0, 0, 1), body.subarray(4)])],
    ['of a few bytes', body.subarray(0, 3)],
    ['of no bytes', Buffer.alloc(0)],
    ['with a bit changed', Buffer.from(body).fill((body[50] ?? 0) ^ 1, 50, 51)],
  ])('%s', (_what, other) => {
    expect(() => join(other)).toThrowWithCode('MessageCorrupt');
  });
});
