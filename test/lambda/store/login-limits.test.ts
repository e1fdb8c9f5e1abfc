import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { migrate } from '../../../lambda/store/migrate';
import { maxConnections, reservedFor } from '../../../lib/private/connection-shares';
import { TestDatabase } from '../../support/postgres';

/** The smallest database that a vault can have. */
const CAPACITY = { minCapacity: 0, maxCapacity: 1 };
/** The handler that logs in as each user. */
const HANDLERS = {
  ...{ vault_receiver: 'receive', vault_sealer: 'seal', vault_unsealer: 'unseal', vault_revoker: 'revoke' },
  ...{ vault_reader: 'properties', vault_auditor: 'audit', vault_freezer: 'freeze', vault_thawer: 'thaw' },
} as const;

let database: TestDatabase;
beforeAll(async () => {
  database = await TestDatabase.start({ max_connections: maxConnections(CAPACITY) });
  // the kept database was migrated with another number of connections: a migration sets the limits anew
  await migrate(await database.login('share_vault_master'));
});
afterAll(() => database.stop());

describe("the logins' limits that a migration sets at Aurora's smallest capacity", () => {
  test('leave a connection for each reserved execution of two versions', async () => {
    const { rows } = await (
      await database.superuser()
    ).query<{ user: string; allowed: number }>(
      'SELECT rolname AS user, rolconnlimit AS allowed FROM pg_roles WHERE rolname = ANY ($1)',
      [Object.keys(HANDLERS)],
    );
    const tight = rows.filter(({ user, allowed }) => {
      const handler = HANDLERS[user as keyof typeof HANDLERS];
      return allowed < 2 * (reservedFor(handler, CAPACITY) ?? Number.POSITIVE_INFINITY);
    });

    expect(rows).toHaveLength(8);
    // -1 would be no limit at all
    expect(rows.filter(({ allowed }) => allowed <= 0)).toEqual([]);
    expect(tight).toEqual([]);
  });
});
