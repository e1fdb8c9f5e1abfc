import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { DisableKeyCommand } from '@aws-sdk/client-kms';
import { onLinux } from '../e2e/copies';
import { scanMemory } from '../support/memory';
import { former, kms, materialsOf, present, resealerEnv, run, sealedUnder, useResealer } from './invocation/resealer';

useResealer();

let child: ChildProcess | undefined;
afterEach(async () => {
  if (child === undefined) return;
  const ended = once(child, 'exit');
  // an open connection would keep it
  child.kill('SIGKILL');
  await ended;
  child = undefined;
});

/** Runs a step in another process, and searches its memory at once, before a garbage collection. */
async function searchAfter(event: object, secrets: readonly Buffer[]) {
  child ??= fork(join(__dirname, 'support', 'reseal-process.ts'), [], {
    execArgv: ['--import', 'tsx'],
    env: { PATH: process.env.PATH, ...(await resealerEnv()) },
    silent: true,
  });
  child.send(event);
  const [result] = (await once(child, 'message')) as [Readonly<Record<string, unknown>>];
  return { result, copies: scanMemory(child.pid ?? 0, secrets).copies };
}

function searches(): void {
  test('holds no material after a step, nor after the receipt, which opens a sample', async () => {
    const records = [];
    for (let n = 0; n < 10; n += 1) records.push(await sealedUnder(former));
    const secrets = records.flatMap(materialsOf);

    const step = await searchAfter({ action: 'step', run }, secrets);
    expect(step).toEqual({ result: { next: 'receipt', resealed: 10, changed: 0, failed: 0 }, copies: 0 });
    const receipt = await searchAfter({ action: 'receipt', run }, secrets);
    expect(receipt).toMatchObject({ result: { next: 'succeed' }, copies: 0 });
  });

  test('holds no material after a step whose key to seal with is disabled', async () => {
    const record = await sealedUnder(former);
    await kms.client.send(new DisableKeyCommand({ KeyId: present.keyId }));

    const step = await searchAfter({ action: 'step', run }, materialsOf(record));
    expect(step).toEqual({ result: { error: 'KeyUnavailable' }, copies: 0 });
  });
}

onLinux('the memory of a process that reseals', searches);
