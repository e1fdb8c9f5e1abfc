import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DatabaseError } from 'pg';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import type { ConnectionSettings } from '../../../lambda/store/connection';
import { migrate } from '../../../lambda/store/migrate';
import { logInToMigrate } from '../../../lambda/store/migration-login';
import { IamDatabase } from '../../local/emulator/postgres/support';
import { soon } from '../../support/postgres';

let database: IamDatabase;
beforeAll(async () => {
  database = await IamDatabase.start();
});
afterAll(() => database.stop());

function as(user: string, password: () => Promise<string>): ConnectionSettings {
  return { ...database.server, user, password };
}

const master = () => as(database.server.master.user, () => Promise.resolve(database.server.master.password));
const token = () => database.token(database.server.master.user);

/** From here on the server takes tokens only from members of `rds_iam`, and the master is one. */
async function refuseMembers(): Promise<void> {
  const file = join(database.dataDir, 'pg_hba.conf');
  const [others = '', members = '', ...rest] = (await readFile(file, 'utf8')).split('\n');
  const { superuser, master: refused, serverPort } = database.server;
  await writeFile(file, [others.replace(`${refused.user},`, ''), members, ...rest].join('\n'));
  const client = await database.login({ ...superuser, port: serverPort });
  await client.query('SELECT pg_catalog.pg_reload_conf()');
  await client.end();
  database.passwordUsers.splice(0);
}

describe('the login of a migration', () => {
  test('is as the master by password', async () => {
    const client = await logInToMigrate(master(), token, soon());

    expect(client.user).toBe(database.server.master.user);
    await client.end();
  });

  test('is refused if the password is wrong, without a try by token', async () => {
    const asked = jest.fn(token);

    const login = logInToMigrate({ ...master(), password: () => Promise.resolve('wrong') }, asked, soon());

    await expect(login).rejects.toMatchObject({ name: 'StoreUnavailable', cause: { code: '28P01' } });
    expect(asked).not.toHaveBeenCalled();
  });

  describe('to a server that accepts no password from the master', () => {
    beforeAll(refuseMembers);

    test('is by token, as the master, who then migrates', async () => {
      const client = await logInToMigrate(master(), token, soon());

      expect(client.user).toBe(database.server.master.user);
      await expect(migrate(client)).resolves.toMatchObject({ applied: [] });
      await client.end();
    });

    test('waits for a permission to log in that the same deploy gave', async () => {
      const passwords = ['no token', 'no token either'];

      const client = await logInToMigrate(master(), () => Promise.resolve(passwords.shift() ?? token()), soon());

      expect(passwords).toEqual([]);
      await client.end();
    });

    test('is refused with the error of the login by password if the token is refused too', async () => {
      const login = logInToMigrate(master(), () => Promise.resolve('no token'), deadlineIn(3_000));

      await expect(login).rejects.toMatchObject({
        message: 'expected a connection from the database, got 28000',
        cause: expect.any(DatabaseError),
      });
    });
  });
});
