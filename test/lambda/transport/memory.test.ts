import { describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compactDecrypt } from 'jose';
import { scanMemory } from '../../support/memory';
import { material } from '../../support/run';
import { writeHybrid } from './support/hybrid-envelope';
import { BINDING, flipLastBit, KID, NOW_MS, withPart, writeInbound } from './support/inbound-jwe';
import { LocalRsaKey } from './support/rsa-key';
import type { VictimTask } from './support/victim';

const key = new LocalRsaKey();
const recipient = generateKeyPairSync('x25519');
const LENGTHS = process.env.SHARE_VAULT_SLOW_TESTS === undefined ? [600, 65_536] : [64, 600, 5_000, 20_000, 65_536];

function taskFor(act: VictimTask['act'], secret: Uint8Array): VictimTask {
  return {
    act,
    privateKey: key.exportPrivate(),
    jwe: writeInbound(key, secret),
    envelope: writeHybrid(secret, (contentKey) => key.wrap(contentKey)),
    binding: BINDING,
    kid: KID,
    nowMs: NOW_MS,
    recipient: recipient.publicKey.export({ format: 'jwk' }),
    response: { env: 'dev', record: 'r', field: 'delegated_share', walletId: 'w', chain: 'EVM', req: 'q' },
  };
}

/** Lets another process do the task, and searches its memory at once, before a garbage collection. */
async function searchAfter(
  task: VictimTask,
  secret: Uint8Array,
): Promise<{ response: string; found: boolean; copies: number }> {
  const script = join(__dirname, 'support', 'victim.ts');
  const victim = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(victim, 'exit');
  try {
    victim.stdin.write(`${JSON.stringify(task)}\n`);
    const [response] = (await once(createInterface({ input: victim.stdout }), 'line')) as [string];
    const { copies } = scanMemory(victim.pid ?? 0, [secret]);
    return { response, found: copies > 0, copies };
  } finally {
    victim.stdin.end();
    await ended;
  }
}

function searches(): void {
  test('shows a material that was not wiped', async () => {
    const secret = material(600);

    expect(await searchAfter(taskFor('keep', secret), secret)).toMatchObject({ response: 'opened', found: true });
  });

  test.each(LENGTHS)('holds no material of %d bytes after it arrived', async (length) => {
    const secret = material(length);

    expect(await searchAfter(taskFor('inbound', secret), secret)).toMatchObject({ response: 'opened', found: false });
  });

  test.each(LENGTHS)('holds no material of %d bytes after it arrived with another tag', async (length) => {
    const secret = material(length);
    const task = taskFor('inbound', secret);
    const jwe = withPart(task.jwe, 4, flipLastBit);

    expect(await searchAfter({ ...task, jwe }, secret)).toMatchObject({ response: 'TransportRejected', found: false });
  });

  test.each(LENGTHS)('holds no material of %d bytes after it arrived in an envelope', async (length) => {
    const secret = material(length);

    expect(await searchAfter(taskFor('hybrid', secret), secret)).toMatchObject({ response: 'opened', found: false });
  });

  test.each(LENGTHS)('holds no material of %d bytes after it left', async (length) => {
    const secret = material(length);

    const { response, found } = await searchAfter(taskFor('outbound', secret), secret);

    expect(Buffer.from((await compactDecrypt(response, recipient.privateKey)).plaintext)).toEqual(secret);
    expect(found).toBe(false);
  });

  // in parts of 16 bytes: of a content key there are 2
  test('holds the content key of a transport at most once, in its KeyObject', async () => {
    const contentKey = randomBytes(32);
    const jwe = writeInbound(key, material(457), { contentKey });

    expect((await searchAfter({ ...taskFor('inbound', material(24)), jwe }, contentKey)).copies).toBeLessThanOrEqual(2);
  });

  test('holds the content key of a delivery at most once, in its KeyObject', async () => {
    const contentKeys: Uint8Array[] = [];
    const envelope = writeHybrid(material(457), (contentKey) => {
      contentKeys.push(contentKey);
      return key.wrap(contentKey);
    });
    const task = { ...taskFor('hybrid', material(24)), envelope };

    expect((await searchAfter(task, contentKeys[0] ?? Buffer.alloc(0))).copies).toBeLessThanOrEqual(2);
  });
}

if (process.platform === 'linux') describe('memory', searches);
else test.todo('memory is not searched: expected Linux, got another system');
