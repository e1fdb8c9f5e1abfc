import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalVault } from '../../local/vault';
import { NOTHING, ONE_SEALED, codeOf, createdOf, post, revokedOf, rowsOf, startPatientVault } from './deliveries';
import { type TestWallet, makeWallet, unsealWallet } from './harness';

let vault: LocalVault;
let wallet: TestWallet;
let body: Buffer;
beforeAll(async () => {
  vault = await startPatientVault();
});
beforeEach(async () => {
  // warms up: the killed process has a connection and the secret
  await codeOf(vault, createdOf(makeWallet(), vault.webhook));
  wallet = makeWallet();
  body = createdOf(wallet, vault.webhook);
});
afterAll(() => vault.close());

/** Kills the process that handles the delivery, as a system without free memory does. */
function kill(): void {
  const busy = vault.lambda.processes().filter(({ name, busy }) => name === vault.functions.receive && busy);
  for (const { pid } of busy) process.kill(pid, 'SIGKILL');
}

/** Kills the process during its nth KMS call of this operation, before or after KMS executes it. */
async function killedAt(operation: string, nth: number, done: boolean): Promise<number> {
  const handle = vault.kms.handle.bind(vault.kms);
  let calls = 0;
  vault.kms.handle = async (call) => {
    const due = call.operation === operation && ++calls === nth;
    if (due && !done) kill();
    const answer = await handle(call);
    if (due && done) kill();
    return answer;
  };
  const { status } = await post(vault, body);
  vault.kms.handle = handle;
  return status;
}

/** Expects all rows or none. When Dynamic repeats the delivery, the vault completes it. */
async function expectWhole(): Promise<void> {
  expect([NOTHING, ONE_SEALED]).toContainEqual(await rowsOf(vault, wallet));
  expect(await codeOf(vault, body)).toMatch(/^200 (Sealed|Duplicate)$/);
  expect(await rowsOf(vault, wallet)).toEqual(ONE_SEALED);
  expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  expect(await vault.client('auditor').verifyAccessLog(wallet)).toMatchObject({ intact: true });
}

describe('a function', () => {
  test.each([
    ['before the first envelope is opened', 'Decrypt', 1, false],
    ['after the first envelope is opened', 'Decrypt', 1, true],
    ['after the second envelope is opened', 'Decrypt', 2, true],
    ['before the first data key is made', 'GenerateDataKey', 1, false],
    ['after the first data key is made', 'GenerateDataKey', 1, true],
    ['after the second data key is made', 'GenerateDataKey', 2, true],
  ] as const)('killed %s stores nothing, and seals the next delivery', async (_when, operation, nth, done) => {
    expect(await killedAt(operation, nth, done)).toBe(500);
    expect(await rowsOf(vault, wallet)).toEqual(NOTHING);

    await expectWhole();
  });

  test('killed while the database executes its statement leaves a complete record or none', async () => {
    const superuser = await vault.database('superuser');
    await superuser.query('BEGIN; LOCK TABLE vault.webhook_events');
    const answer = post(vault, body);
    await waiting();

    kill();

    expect((await answer).status).toBe(500);
    await superuser.query('ROLLBACK');
    await superuser.end();
    await expectWhole();
  });

  test('killed during a revocation leaves all of it or nothing, and completes the next one', async () => {
    await codeOf(vault, body);
    const revoked = revokedOf(wallet, { at: new Date(Date.now() + 1_000) });
    const superuser = await vault.database('superuser');
    await superuser.query('BEGIN; LOCK TABLE vault.webhook_events');
    const answer = post(vault, revoked);
    await waiting();

    kill();

    expect((await answer).status).toBe(500);
    await superuser.query('ROLLBACK');
    await superuser.end();
    expect(await codeOf(vault, revoked)).toMatch(/^200 (Destroyed|Duplicate)$/);
    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code: 'Revoked' });
  });

  test.each([1, 3, 6, 10, 15, 20, 30, 45])('killed %d ms after a delivery came leaves a complete record or none', async (milliseconds) => {
    const answer = post(vault, body);
    await sleep(milliseconds);

    kill();

    expect([200, 500]).toContain((await answer).status);
    await expectWhole();
  }); // prettier-ignore
});

/** Resolves when a statement of the receiver waits for a lock. */
async function waiting(): Promise<void> {
  const watcher = await vault.database('superuser');
  const text = "SELECT 1 FROM pg_stat_activity WHERE usename = 'vault_receiver' AND wait_event_type = 'Lock'";
  while ((await watcher.query(text)).rowCount === 0) await sleep(5);
  await watcher.end();
}
