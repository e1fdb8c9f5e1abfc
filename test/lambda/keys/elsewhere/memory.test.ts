import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from '@jest/globals';
import { scanMemory } from '../../../support/memory';
import { rsaKeyPair } from '../../../support/rsa-keys';
import type { WrapperTask } from './support/wrapper';

/** Has another process wrap a data key and wipe it, and searches its memory at once, before a garbage collection. */
async function searchAfterWrapping(bits: number): Promise<{ readonly wrapped: string; readonly copies: number }> {
  const dataKey = randomBytes(32);
  const script = join(__dirname, 'support', 'wrapper.ts');
  const wrapper = spawn(process.execPath, ['--import', 'tsx', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(wrapper, 'exit');
  try {
    const task: WrapperTask = {
      publicKey: rsaKeyPair(bits).publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
      dataKey: Buffer.from(dataKey.map((byte) => byte ^ 0xff)).toString('base64'),
    };
    wrapper.stdin.write(`${JSON.stringify(task)}\n`);
    const [wrapped] = (await once(createInterface({ input: wrapper.stdout }), 'line')) as [string];
    return { wrapped, copies: scanMemory(wrapper.pid ?? 0, [dataKey]).copies };
  } finally {
    wrapper.stdin.end();
    await ended;
  }
}

function searches(): void {
  test.each([2048, 3072])('holds nothing of a data key that was wrapped to a recovery key of %i bits', async (bits) => {
    expect(await searchAfterWrapping(bits)).toEqual({ wrapped: '20', copies: 0 });
  });
}

if (process.platform === 'linux') describe('the memory of a process', searches);
else test.todo('memory is not searched: expected Linux, got another system');
