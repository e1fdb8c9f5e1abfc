import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseMessage, writeMessage } from '../../../lambda/message';
import { scanMemory } from '../../support/memory';
import { material } from '../../support/run';

const LENGTHS = [51, 600, 5_000, 65_536];
const DATA_KEY = randomBytes(32);
const CONTEXT = new Map([['field', 'delegated_share']]);

function seal(plaintext: Uint8Array): Buffer {
  const wrapped = [{ providerId: 'test', providerInfo: Buffer.from('key'), ciphertext: randomBytes(32) }];
  return writeMessage({ plaintext, dataKey: DATA_KEY, wrapped, context: CONTEXT });
}

/** Lets another process open the message, and searches its memory at once, before a garbage collection. */
async function searchAfterOpening(
  message: Buffer,
  secret: Uint8Array,
): Promise<{ readonly response: string; readonly copies: number }> {
  const script = join(__dirname, 'support', 'opener.ts');
  const opener = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(opener, 'exit');
  try {
    const encode = (bytes: Buffer): string => bytes.toString('base64');
    const task = {
      message: encode(message),
      dataKey: encode(DATA_KEY.map((byte) => byte ^ 0xff) as Buffer),
      context: [...CONTEXT],
    };
    opener.stdin.write(`${JSON.stringify(task)}\n`);
    const [response] = (await once(createInterface({ input: opener.stdout }), 'line')) as [string];
    return { response, copies: scanMemory(opener.pid ?? 0, [secret]).copies };
  } finally {
    opener.stdin.end();
    await ended;
  }
}

/** Returns the result of HKDF's first step, the source of both keys of a message. */
function pseudorandomKeyOf(message: Buffer): Buffer {
  return createHmac('sha512', parseMessage(message).messageId).update(DATA_KEY).digest();
}

function encryptionKeyOf(message: Buffer): Uint8Array {
  const info = Buffer.concat([Buffer.from('0478', 'hex'), Buffer.from('DERIVEKEY')]);
  return new Uint8Array(hkdfSync('sha512', DATA_KEY, parseMessage(message).messageId, info, 32));
}

function searches(): void {
  test.each(LENGTHS)('holds nothing of %d bytes that were opened and wiped', async (length) => {
    const secret = material(length);

    expect(await searchAfterOpening(seal(secret), secret)).toEqual({ response: 'opened', copies: 0 });
  });

  test.each(LENGTHS)('holds nothing of %d bytes whose tag did not fit', async (length) => {
    const secret = material(length);
    const message = seal(secret);
    message[message.length - 1] = (message.at(-1) ?? 0) ^ 1;

    expect(await searchAfterOpening(message, secret)).toEqual({ response: 'MessageCorrupt', copies: 0 });
  });
}

function residues(): void {
  test('holds nothing of a data key that opened a message and was wiped', async () => {
    expect(await searchAfterOpening(seal(material(457)), DATA_KEY)).toEqual({ response: 'opened', copies: 0 });
  });

  // in parts of 16 bytes: of 64 bytes there are 4
  test('holds the pseudorandom key of an opened message at most once, in its KeyObject', async () => {
    const message = seal(material(457));

    expect((await searchAfterOpening(message, pseudorandomKeyOf(message))).copies).toBeLessThanOrEqual(4);
  });

  test('holds the encryption key of an opened message at most once, in its KeyObject', async () => {
    const message = seal(material(457));

    expect((await searchAfterOpening(message, encryptionKeyOf(message))).copies).toBeLessThanOrEqual(2);
  });
}

if (process.platform === 'linux') {
  describe('the memory of a process', searches);
  describe('the memory of a process that was given a data key', residues);
} else test.todo('memory is not searched: expected Linux, got another system');
