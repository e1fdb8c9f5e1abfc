import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ChildProcess, fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { scanMemory } from '../support/memory';
import type { ClientTask } from './support/client-process';
import { fillSeeded } from './support/seeded-bytes';
import { useFakeVault, vault } from './support/use-fake-vault';

/** Each round has four calls, with a search after each. */
const ROUNDS = process.env.SHARE_VAULT_SLOW_TESTS === undefined ? 5 : 100;
const CALLS = 4 * ROUNDS;
const BATCH = 3;

useFakeVault();

let backend: ChildProcess;
let seeds = 0;
beforeAll(() => {
  const { kid, publicKey } = vault.functions;
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const script = join(__dirname, 'support', 'client-process.ts');
  backend = fork(script, [vault.endpoint, kid, pem], { execArgv: ['--import', 'tsx'] });
});
afterAll(async () => {
  const ended = once(backend, 'exit');
  backend.kill();
  await ended;
});

/** Short and long ones in turn: an allocator treats each length differently. */
function newWallet(): ClientTask['wallets'][number] {
  seeds += 1;
  return { seed: seeds, length: randomInt(16, seeds % 2 === 0 ? 1_000 : 65_537) };
}

/** Lets the backend make a call, and searches its memory at once for the materials of the call. */
async function searchAfter(task: ClientTask): Promise<number> {
  backend.send(task);
  const [right] = (await once(backend, 'message')) as [unknown];
  expect(right).toBe(task.wallets.length);
  const secrets = task.wallets.map(({ seed, length }) => {
    const bytes = new Uint8Array(length);
    fillSeeded(bytes, seed);
    return bytes;
  });
  const { searched, copies } = scanMemory(backend.pid ?? 0, secrets);
  if (searched < 10_000_000) throw new Error('expected memory to search, got none');
  return copies;
}

function searches(): void {
  test(`holds no part of a material after any of ${CALLS} calls with materials of many lengths`, async () => {
    const leaks: unknown[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const one = [newWallet()];
      const many = Array.from({ length: BATCH }, newWallet);
      const tasks: ClientTask[] = [
        { act: 'seal', wallets: one },
        { act: 'unseal', wallets: one },
        { act: 'sealMany', wallets: many },
        { act: 'unsealMany', wallets: many },
      ];
      for (const task of tasks) {
        const copies = await searchAfter(task);
        if (copies > 0) leaks.push({ ...task, copies });
      }
    }

    expect(leaks).toEqual([]);
  }, 3_600_000);

  test('holds a material whose record was not disposed, so that the search finds it', async () => {
    const wallets = [newWallet()];
    await searchAfter({ act: 'seal', wallets });

    expect(await searchAfter({ act: 'keep', wallets })).toBeGreaterThan(0);
  });
}

if (process.platform === 'linux') describe('the memory of a process with a client', searches);
else test.todo('memory is not searched: expected Linux, got another system');
