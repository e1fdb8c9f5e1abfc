import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { LocalVault } from '../../local/vault';
import { sql, startTestVault } from './harness';
import type { SealingOptions } from './sealing-client';

let vault: LocalVault;
let child: ChildProcess | undefined;
beforeAll(async () => {
  vault = await startTestVault();
});
afterEach(() => {
  child?.kill('SIGKILL');
});
afterAll(() => vault.close());

/** Starts a backend that seals. Returns the ids of the wallets that it has begun to seal, as they come. */
function startSealing(): readonly string[] {
  const options: SealingOptions = {
    environment: vault.environment,
    actor: 'signer',
    functions: { seal: vault.functions.seal },
    intakeKey: vault.keys.intakeKey,
    lambda: { endpoint: vault.url, region: vault.region, credentials: vault.session('signer'), maxAttempts: 1 },
  };
  const begun: string[] = [];
  const file = join(__dirname, 'sealing-client.ts');
  child = fork(file, [JSON.stringify(options)], { execArgv: ['--import', 'tsx'], stdio: 'ignore' });
  child.on('message', (walletId) => {
    if (typeof walletId === 'string') begun.push(walletId);
  });
  return begun;
}

/** Returns a wallet's records, their log rows and its versions of properties, once no function is busy any more. */
async function rowsOf(walletId: string): Promise<readonly number[]> {
  while (vault.lambda.processes().some(({ busy }) => busy)) await sleep(10);
  const count = (table: string) => `(SELECT count(*)::int FROM vault.${table} WHERE wallet_id = $1)`;
  const tables = ['server_key_shares', 'share_access_log', 'wallet_properties'];
  const rows = await sql<{ counts: number[] }>(vault, `SELECT ARRAY[${tables.map(count).join()}] AS counts`, [
    walletId,
  ]);
  return rows[0]?.counts ?? [];
}

test.each([0, 5, 20, 50, 90, 150])(
  'a client that is killed %d ms after it began to seal leaves a complete record or none',
  async (milliseconds) => {
    const begun = startSealing();
    // a warm call: the next one is cut off at any point of its way
    while (begun.length < 3) await sleep(5);
    await sleep(milliseconds);

    child?.kill('SIGKILL');
    if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');

    const [last = '', ...sealed] = [...begun].reverse();
    expect([
      [0, 0, 0],
      [1, 1, 1],
    ]).toContainEqual(await rowsOf(last));
    for (const walletId of sealed) expect(await rowsOf(walletId)).toEqual([1, 1, 1]);
  },
);
