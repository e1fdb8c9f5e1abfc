import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { migrate } from '../../../lambda/store/migrate';
import { MIGRATIONS } from '../../../lambda/store/migrations';
import { TestDatabase } from '../../support/postgres';
import { dropVault } from './fixtures';

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

const deploy = async (place: string | undefined) =>
  migrate(await database.login('share_vault_master'), { bodyStore: { place } });
const putBody = (table: string) => superuser.query(`INSERT INTO vault.${table} (record_id) VALUES (gen_random_uuid())`);

describe.each(['bodies', 'bodies_to_destroy', 'reserved_bodies'])(
  'a deploy while the body store has entries of %s',
  (table) => {
    beforeEach(async () => {
      await deploy('vault-kv https://vault.example - secret');
      await putBody(table);
    });

    test('is accepted with the same store', async () => {
      await expect(deploy('vault-kv https://vault.example - secret')).resolves.toMatchObject({ applied: [] });
    });

    test.each([
      ['another store', 'secrets-manager'],
      ['no store', undefined],
    ])('is refused with %s', async (_what, place) => {
      await expect(deploy(place)).rejects.toThrowWithCode('Misconfigured');

      await expect(deploy('vault-kv https://vault.example - secret')).resolves.toMatchObject({ applied: [] });
    });
  },
);

test('a deploy is refused without the store also if it comes from the release before the reservations', async () => {
  const migrations = MIGRATIONS.slice(
    0,
    MIGRATIONS.findIndex(({ name }) => name === '0026-reserved-bodies'),
  );
  const bodyStore = { place: 'secrets-manager' };
  await migrate(await database.login('share_vault_master'), { migrations, bodyStore });
  await putBody('bodies');

  await expect(deploy(undefined)).rejects.toThrowWithCode('Misconfigured');

  await expect(deploy('secrets-manager')).resolves.toMatchObject({ current: MIGRATIONS.at(-1)?.name });
});

describe('a deploy while no record has its body elsewhere', () => {
  test.each([
    ['another store', 'secrets-manager'],
    ['no store', undefined],
  ])('may name %s', async (_what, place) => {
    await deploy('vault-kv https://vault.example - secret');

    await expect(deploy(place)).resolves.toMatchObject({ applied: [] });
  });

  test('may name a store later, for new records', async () => {
    await deploy(undefined);
    await deploy('secrets-manager');
    await putBody('bodies');

    await expect(deploy(undefined)).rejects.toThrow(
      'body store: expected secrets-manager, which has the bodies of records, got none',
    );
  });
});
