import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, newRecord, newWallet, outcomes, query } from './fixtures';

let database: TestDatabase;
beforeAll(async () => {
  database = await TestDatabase.start();
});
const closers: (() => void)[] = [];
afterEach(() => {
  jest.restoreAllMocks();
  for (const close of closers.splice(0)) close();
  return database.disconnect();
});
afterAll(() => database.stop());

interface Way {
  readonly port: number;
  /** from now on nothing passes in either direction */
  silence(): void;
  /** from now on calls arrive, and their responses are lost */
  loseAnswers(): void;
}

/** A proxy to the database that can stop forwarding, as if the host were gone. */
async function startWay(): Promise<Way> {
  const sockets: Socket[] = [];
  const answering: Socket[] = [];
  const server = createServer((client) => {
    const upstream = connect(database.server.port, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    answering.push(upstream);
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined);
      sockets.push(socket);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const silence = (): void => {
    for (const socket of sockets.splice(0)) {
      socket.unpipe();
      socket.resume();
      closers.push(() => socket.destroy());
    }
  };
  const loseAnswers = (): void => {
    for (const socket of answering.splice(0)) socket.unpipe().resume();
  };
  return { port: (server.address() as AddressInfo).port, silence, loseAnswers };
}

describe('a call on a warm connection that fell silent', () => {
  test('stores the record once, over another connection, within its time', async () => {
    const way = await startWay();
    const sealer = await database.store('vault_sealer', { port: way.port });
    await sealer.seal(newRecord(newWallet()), caller, soon());
    const record = newRecord(newWallet());
    way.silence();

    await sealer.seal(record, caller, deadlineIn(4_000));

    const superuser = await database.superuser();
    const { rowCount } = await superuser.query('SELECT FROM vault.delegated_shares WHERE id = $1', [record.recordId]);
    expect(rowCount).toBe(1);
  });

  test('is made again after the access was logged, and each possible reading has a log row', async () => {
    const way = await startWay();
    const record = newRecord(newWallet());
    await (await database.store('vault_sealer')).seal(record, caller, soon());
    const unsealer = await database.store('vault_unsealer', { port: way.port });
    await unsealer.unseal(query(record), caller, soon());
    way.loseAnswers();

    const opened = await unsealer.unseal(query(record), caller, deadlineIn(4_000));

    expect(opened).toMatchObject({ sealed: record.sealed, accessCount: 3 });
    const log = await outcomes(await database.superuser(), record);
    expect(log).toEqual(['seal sealed', 'unseal granted', 'unseal granted', 'unseal granted']);
  });
});

/** Returns the session of the sealer's that the server began last. */
async function newestSession(): Promise<unknown> {
  const { rows } = await (
    await database.superuser()
  ).query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE usename = 'vault_sealer' ORDER BY backend_start DESC LIMIT 1",
  );
  return rows[0]?.pid;
}

test.each([
  ['made again after 51 s without a call', 51_000, false],
  ['made again if the clock was set back since the last call', -1_000, false],
  ['used again after 49 s without a call', 49_000, true],
])('a connection is %s', async (_, passed, same) => {
  const sealer = await database.store('vault_sealer');
  await sealer.seal(newRecord(newWallet()), caller, soon());
  const first = await newestSession();
  const now = Date.now;
  jest.spyOn(Date, 'now').mockImplementation(() => now() + passed);

  await sealer.seal(newRecord(newWallet()), caller, soon());

  await expect(newestSession().then((pid) => pid === first)).resolves.toBe(same);
});

test('a server that takes a connection and says nothing is given up when the time is up', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const sealer = await database.store('vault_sealer', { port });

  const attempt = sealer.seal(newRecord(newWallet()), caller, deadlineIn(500));

  await expect(attempt).rejects.toThrowWithCode('StoreUnavailable');
});
