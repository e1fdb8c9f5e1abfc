import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { recoveryKeysDigest } from '../../../lambda/contract/recovery';
import { migrate } from '../../../lambda/store/migrate';
import { MIGRATIONS } from '../../../lambda/store/migrations';
import type { RecoveryKey, RecoveryStatement } from '../../../lambda/store/recovery-keys';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, dropVault, newRecord, newWallet } from './fixtures';

const key = (name: string): RecoveryKey => ({ name, fingerprint: name.slice(-1).repeat(43) });
const [A, B, C] = [key('safe-a'), key('safe-b'), key('safe-c')];
const stated = (...keys: readonly RecoveryKey[]): RecoveryStatement => ({
  keys,
  change: recoveryKeysDigest(keys.map(({ fingerprint }) => fingerprint)),
});
const unstated = (...keys: readonly RecoveryKey[]): RecoveryStatement => ({ keys });

let database: TestDatabase;
let superuser: Client;
beforeAll(async () => {
  database = await TestDatabase.startEmpty();
});
beforeEach(async () => {
  superuser = await database.superuser();
});
afterEach(async () => {
  await dropVault(superuser);
  await database.disconnect();
});
afterAll(() => database.stop());

const deploy = async (recoveryKeys: RecoveryStatement) =>
  migrate(await database.login('share_vault_master'), { recoveryKeys });
const warningsOf = async (statement: RecoveryStatement) => (await deploy(statement)).warnings ?? [];

async function sealOne(): Promise<void> {
  await (await database.store('vault_sealer')).seal(newRecord(newWallet()), caller, soon());
}

/** Lets the time pass in which a deploy can be rolled back. */
const passAnHour = () =>
  superuser.query("UPDATE vault.recovery_key_lists SET stated_at = stated_at - interval '61 minutes'");

const remembered = async () =>
  (await superuser.query('SELECT names FROM vault.recovery_key_lists ORDER BY id')).rows.map(
    (row: { names: string[] }) => row.names,
  );

describe('the first deploy of a vault', () => {
  test('without records may have recovery keys, and says so', async () => {
    expect(await warningsOf(unstated(A, B))).toEqual([
      `recovery keys changed: added safe-a SHA256:${A.fingerprint}, safe-b SHA256:${B.fingerprint}`,
    ]);
    expect(await remembered()).toEqual([['safe-a', 'safe-b']]);
  });

  test('without recovery keys says nothing, and remembers that there are none', async () => {
    expect(await warningsOf(unstated())).toEqual([]);
    expect(await remembered()).toEqual([[]]);
  });
});

describe('a later deploy', () => {
  beforeEach(async () => {
    await deploy(unstated(A));
    await passAnHour();
  });

  test('with the same recovery keys is accepted, in any order and without a statement', async () => {
    await deploy(stated(A, B));

    expect(await warningsOf(unstated(B, A))).toEqual([]);
    expect(await remembered()).toHaveLength(2);
  });

  test.each<[string, RecoveryStatement, string]>([
    ['adds a key', unstated(A, B), `added safe-b SHA256:${B.fingerprint}`],
    ['replaces its key', unstated(B), `added safe-b SHA256:${B.fingerprint}; removed safe-a SHA256:${A.fingerprint}`],
    ['has no key any more', unstated(), `removed safe-a SHA256:${A.fingerprint}`],
    ['states another list', { keys: [A, B], change: stated(A, C).change }, 'added safe-b'],
    ['states the former list', { keys: [A, B], change: stated(A).change }, 'added safe-b'],
  ])('is refused if it %s without a statement of that list', async (_what, statement, said) => {
    const deployed = deploy(statement);

    await expect(deployed).rejects.toThrowWithCode('Misconfigured');
    await expect(deployed).rejects.toThrow(said);
    await expect(deployed).rejects.toThrow(stated(...statement.keys).change);
    expect(await remembered()).toEqual([['safe-a']]);
  });

  test('is refused even if the vault has no record', async () => {
    await expect(deploy(unstated(A, B))).rejects.toThrowWithCode('Misconfigured');
  });

  test.each<[string, readonly RecoveryKey[], string]>([
    ['adds a key', [A, B], `added safe-b SHA256:${B.fingerprint}`],
    ['replaces its key', [B], `added safe-b SHA256:${B.fingerprint}; removed safe-a SHA256:${A.fingerprint}`],
    ['has no key any more', [], `removed safe-a SHA256:${A.fingerprint}`],
  ])('is accepted if it %s and states that list', async (_what, keys, said) => {
    expect(await warningsOf(stated(...keys))).toEqual([`recovery keys changed: ${said}`]);
    expect((await remembered()).at(-1)).toEqual(keys.map(({ name }) => name));
  });

  test('may give a key another name', async () => {
    const renamed = { ...A, name: 'vault-room' };

    expect(await warningsOf(unstated(renamed))).toEqual(['recovery keys changed: the same under other names']);
    expect((await remembered()).at(-1)).toEqual(['vault-room']);
  });

  test('can be rolled back within an hour, to the list before it only', async () => {
    await deploy(stated(B));

    await expect(deploy(unstated(C))).rejects.toThrowWithCode('Misconfigured');
    await expect(deploy(unstated(A))).resolves.toBeDefined();
    expect((await remembered()).at(-1)).toEqual(['safe-a']);
  });

  test('can not be rolled back after an hour without a statement', async () => {
    await deploy(stated(B));
    await passAnHour();

    await expect(deploy(unstated(A))).rejects.toThrowWithCode('Misconfigured');
    await expect(deploy(stated(A))).resolves.toBeDefined();
  });
});

describe('a vault of a former release', () => {
  beforeEach(async () => {
    const before = MIGRATIONS.filter(({ name }) => name < '0024');
    await migrate(await database.login('share_vault_master'), { migrations: before });
  });

  test('gets its first recovery keys with a statement only, if it has records', async () => {
    await sealOne();

    await expect(deploy(unstated(A))).rejects.toThrowWithCode('Misconfigured');
    await expect(superuser.query('SELECT FROM vault.recovery_key_lists')).rejects.toThrow('does not exist');
    expect(await warningsOf(stated(A))).toEqual([`recovery keys changed: added safe-a SHA256:${A.fingerprint}`]);
  });

  test('gets its first recovery keys without a statement, if it has no record', async () => {
    await expect(deploy(unstated(A))).resolves.toBeDefined();
  });

  test('is upgraded without recovery keys, and says nothing', async () => {
    await sealOne();

    expect(await warningsOf(unstated())).toEqual([]);
  });
});
