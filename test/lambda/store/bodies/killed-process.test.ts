import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KINDS } from '../../../../lambda/contract/kinds';
import { deadlineIn } from '../../../../lambda/invocation/deadline';
import { sweepBodies } from '../../../../lambda/store/bodies/sweep';
import { StoreWithBodies } from '../../../../lambda/store/bodies/with-bodies';
import { PostgresStore } from '../../../../lambda/store/postgres';
import { Session } from '../../../../lambda/store/session';
import type { WalletKey } from '../../../../lambda/store/store';
import { soon } from '../../../support/postgres';
import { at, caller, newDelivery, newWallet, query } from '../fixtures';
import { database, superuser, useStores } from '../stores';
import { LIMITS, newDelivered, newSealed } from './stores';
import { FolderBodies } from './support/folder-bodies';
import type { KilledTask } from './support/killed-function';

useStores([]);

let folder: string;
let bodies: FolderBodies;
let wallet: WalletKey;
const sessions: Session[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'share-vault-killed-'));
  bodies = new FolderBodies(folder);
  wallet = newWallet();
  await superuser.query(
    'TRUNCATE vault.bodies, vault.bodies_to_destroy, vault.reserved_bodies, vault.delegated_shares CASCADE',
  );
});
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
  rmSync(folder, { recursive: true });
});

const as = async (user: string) => {
  const session = new Session(await database.settings(user));
  sessions.push(session);
  return new StoreWithBodies(new PostgresStore(session), bodies, LIMITS);
};
const USERS = {
  seal: 'vault_sealer',
  receive: 'vault_receiver',
  revoke: 'vault_revoker',
  'receive-revoked': 'vault_receiver',
  sweep: 'share_vault_master',
} as const;

/** Starts a process with the task, and kills it at its step. */
async function kill(action: KilledTask['action'], step: string, when: KilledTask['when']): Promise<void> {
  const { password, ...place } = await database.settings(USERS[action]);
  const settings = { ...place, password: await password() };
  const task = { settings, folder, wallet, action, step, when } as KilledTask;
  const file = join(__dirname, 'support', 'killed-function.ts');
  const child = fork(file, [JSON.stringify(task)], { execArgv: ['--import', 'tsx'], stdio: 'ignore' });
  const [message] = (await once(child, 'message')) as [unknown];
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  expect(message).toBe('stopped');
}

const unseal = async () => (await as('vault_unsealer')).unseal(query(wallet), caller, soon());
const sweep = async () => sweepBodies(await database.login('share_vault_master'), bodies, deadlineIn(60_000));
const idsOf = async (table: string) =>
  (await superuser.query<{ id: string }>(`SELECT record_id AS id FROM ${table} ORDER BY 1`)).rows.map(({ id }) => id);
const rows = async () =>
  (await superuser.query<{ id: string }>('SELECT id FROM vault.delegated_shares ORDER BY 1')).rows.map(({ id }) => id);

/** Every record has its body now; after a sweep, every body has its record, and nothing is left to do. */
async function expectWhole(): Promise<void> {
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(await rows()));
  await superuser.query("UPDATE vault.reserved_bodies SET reserved_at = now() - interval '2 hours'");
  const { failed, warnings } = await sweep();
  expect({ failed, warnings }).toEqual({ failed: 0 });
  expect(readdirSync(folder).sort()).toEqual(await rows());
  await expect(idsOf('vault.bodies')).resolves.toEqual(await rows());
  for (const table of ['vault.bodies_to_destroy', 'vault.reserved_bodies']) {
    await expect(idsOf(table)).resolves.toEqual([]);
  }
}

test.each([
  ['seal', 'reserve_bodies', 'after'],
  ['seal', 'put', 'after'],
  ['seal', 'seal_records', 'after'],
  ['receive', 'accept_created', 'after'],
] as const)('a %s that is killed at %s, %s it, leaves a whole record or none', async (action, step, when) => {
  await kill(action, step, when);
  const stored = /seal_records|accept_created/.test(step);
  expect(await rows()).toHaveLength(stored ? 1 : 0);
  if (stored) await expect(unseal()).resolves.toMatchObject({ accessCount: 1 });
  else await expect(unseal()).rejects.toThrowWithCode('NotFound');
  await expectWhole();
});

test.each([
  ['revoke', 'revoke_kinds', 'after'],
  ['revoke', 'destroy', 'after'],
  ['revoke', 'bodies_destroyed', 'after'],
  ['receive-revoked', 'accept_revoked', 'after'],
  ['receive-revoked', 'destroy', 'after'],
] as const)('a %s that is killed at %s, %s it, is in effect, and the sweep ends it', async (action, step, when) => {
  await (await as('vault_receiver')).receiveCreated(newDelivered(wallet), newDelivery(at(1)), soon());
  await kill(action, step, when);
  await expect(unseal()).rejects.toThrowWithCode('Revoked');
  await expectWhole();
});

test.each([
  ['DELETE FROM vault.reserved_bodies', 'after'],
  ['destroy', 'after'],
  ['DELETE FROM vault.bodies_to_destroy', 'after'],
] as const)(
  'a sweep that is killed at %s, %s it, destroys no body of a record, and the next ends it',
  async (step, when) => {
    const other = newSealed('delegated-share', newWallet());
    await (await as('vault_sealer')).seal(other, caller, soon());
    await kill('seal', 'put', 'after');
    await superuser.query("UPDATE vault.reserved_bodies SET reserved_at = now() - interval '2 hours'");
    await kill('sweep', step, when);
    expect(readdirSync(folder)).toContain(other.recordId);
    await expectWhole();
  },
);

test('two sweeps at once destroy each body that is to be destroyed, and no other', async () => {
  await kill('seal', 'put', 'after');
  const sealer = await as('vault_sealer');
  const records = Array.from({ length: 20 }, () => newSealed('delegated-share', newWallet()));
  await sealer.sealAll(records, caller, soon());
  const revoker = await as('vault_revoker');
  for (const each of records.slice(0, 5)) await revoker.revoke(each, KINDS, 'lost', caller, soon());
  await superuser.query("UPDATE vault.reserved_bodies SET reserved_at = now() - interval '2 hours'");
  const swept = await Promise.all([sweep(), sweep()]);
  expect(swept.map(({ failed, warnings }) => ({ failed, warnings }))).toEqual([{ failed: 0 }, { failed: 0 }]);
  await expectWhole();
});
