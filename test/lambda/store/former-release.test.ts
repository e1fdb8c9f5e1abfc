import { beforeAll, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { DATABASE_USERS } from '../../../local/audit/matrix/database-users';
import { FORMER_RELEASE } from './former-release';
import { database, useStores } from './stores';

useStores([]);
const clients = new Map<string, Client>();
beforeAll(async () => {
  for (const user of DATABASE_USERS) clients.set(user, await database.login(user));
  database.keepOpen();
});

test.each(FORMER_RELEASE)(
  'the former release runs as $login on this schema: $sql',
  async ({ login, sql, values, columns }) => {
    const result = await clients.get(login)?.query(sql, [...values]);

    expect(result?.fields.map(({ name }) => name)).toEqual(columns);
  },
);
