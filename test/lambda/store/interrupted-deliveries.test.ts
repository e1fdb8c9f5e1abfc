import { type Socket, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from 'pg';
import { deadlineIn } from '../../../lambda/invocation/deadline';
import { LIMITS } from '../../../lambda/store/session-settings';
import type { DeliveredRecord, Delivery, RecordStore } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import { at, deliveredRecord, newDelivery, newWallet, outcomes, remembered, rowsOf } from './fixtures';

let database: TestDatabase;
let superuser: Client;
/** A session with locks in a transaction. A delivery waits for them. */
let holder: Client;
let receiver: RecordStore;
beforeAll(async () => {
  database = await TestDatabase.start();
  superuser = await database.superuser();
  holder = await database.superuser();
  receiver = await database.store('vault_receiver');
  database.keepOpen();
});
let standing: DeliveredRecord;
let record: DeliveredRecord;
let delivery: Delivery;
let before: number;
const closers: (() => void)[] = [];
beforeEach(async () => {
  standing = deliveredRecord(newWallet());
  record = deliveredRecord(standing);
  delivery = newDelivery(at(2));
  await receiver.receiveCreated(standing, newDelivery(at(1)), soon());
  before = await rowsOf(superuser, standing);
});
afterEach(async () => {
  for (const close of closers.splice(0)) close();
  await holder.query('ROLLBACK');
  await database.disconnect();
});
afterAll(() => database.stop());

const CREATED = `SELECT vault_api.accept_created($1, $2, $3, NULL, NULL, NULL, 's', 'k', 'key', $4, $5, $6::bigint,
  'request-1')`;
const REVOKED = `SELECT vault_api.accept_revoked($1, $2, $3, $4, $5::bigint, 'request-1')`;

/** A delivery over a connection that can break. */
interface Attempt {
  readonly client: Client;
  readonly response: Promise<unknown>;
}

/** Connects with the limits of a function's session: the server checks every 500 ms whether its client is connected. */
async function login(): Promise<Client> {
  const client = await database.login('vault_receiver');
  await client.query(`SET client_connection_check_interval = '${LIMITS.client_connection_check_interval}'`);
  return client;
}

async function creating(): Promise<Attempt> {
  const client = await login();
  const { recordId, walletId, chain } = record;
  const values = [recordId, walletId, chain, delivery.eventId, delivery.messageId, delivery.eventTime];
  return { client, response: client.query(CREATED, values).catch((error: unknown) => error) };
}

async function revoking(): Promise<Attempt> {
  const client = await login();
  const values = [record.walletId, record.chain, delivery.eventId, delivery.messageId, delivery.eventTime];
  return { client, response: client.query(REVOKED, values).catch((error: unknown) => error) };
}

/** A statement of another session in an open transaction. The delivery waits for it at one of its steps. */
const STEPS: Readonly<Record<string, (holder: Client) => Promise<unknown>>> = {
  'locks the wallet': (holder) =>
    holder.query('SELECT FROM vault.wallets WHERE wallet_id = $1 FOR UPDATE', [record.walletId]),
  'asks whether it was seen': (holder) => holder.query('LOCK TABLE vault.webhook_events'),
  'remembers the delivery': (holder) => holder.query('LOCK TABLE vault.webhook_events IN SHARE MODE'),
  'changes records': (holder) => holder.query('LOCK TABLE vault.delegated_shares IN SHARE MODE'),
  'moves the tombstone': (holder) => holder.query('LOCK TABLE vault.wallets IN SHARE MODE'),
  'appends to the log': (holder) => holder.query('LOCK TABLE vault.share_access_log IN SHARE MODE'),
  'sweeps, last of all': (holder) => holder.query('LOCK TABLE vault.server_key_shares IN SHARE MODE'),
};
const stepsOf = (...left: readonly string[]) => Object.keys(STEPS).filter((step) => !left.includes(step));
const HALTS = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'vault_receiver'";

/** Lets the delivery reach the step, and blocks it there. */
async function holdAt(step: string, start: () => Promise<Attempt>): Promise<Attempt> {
  await holder.query('BEGIN');
  await STEPS[step]?.(holder);
  const attempt = await start();
  while ((await superuser.query(HALTS)).rowCount === 0) await sleep(5);
  return attempt;
}

const killServerSide = async (): Promise<void> => {
  await superuser.query(`SELECT pg_terminate_backend(pid, 5000) FROM (${HALTS}) AS halted`);
};

const killClientSide = async ({ client }: Attempt): Promise<void> => {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Socket } }).connection;
  stream.destroy();
  while ((await superuser.query(HALTS)).rowCount !== 0) await sleep(20);
};

const KILLS = [
  ['backend', killServerSide],
  ['client', killClientSide],
] as const;

describe.each(KILLS)('killing the %s of a delivery leaves nothing, and the next one is complete:', (_, kill) => {
  test.each(stepsOf('moves the tombstone'))('a created that %s', async (step) => {
    const attempt = await holdAt(step, creating);
    await kill(attempt);
    await holder.query('ROLLBACK');
    await expect(attempt.response).resolves.toBeInstanceOf(Error);
    await expect(rowsOf(superuser, record)).resolves.toBe(before);
    await expect(outcomes(superuser, record)).resolves.toEqual(['seal sealed']);

    await expect(receiver.receiveCreated(record, delivery, soon())).resolves.toBe('sealed');
    // a record, a delivery and a row of the log more
    await expect(rowsOf(superuser, record)).resolves.toBe(before + 3);
  });

  test.each(stepsOf('sweeps, last of all'))('a revoked that %s', async (step) => {
    const attempt = await holdAt(step, revoking);
    await kill(attempt);
    await holder.query('ROLLBACK');
    await expect(attempt.response).resolves.toBeInstanceOf(Error);
    await expect(rowsOf(superuser, record)).resolves.toBe(before);
    await expect(outcomes(superuser, record)).resolves.toEqual(['seal sealed']);

    await expect(receiver.receiveRevoked(record, delivery, soon())).resolves.toBe('revoked');
    // a delivery and a row of the log more, a record less
    await expect(rowsOf(superuser, record)).resolves.toBe(before + 1);
  });
});

describe('a wallet never seen', () => {
  test.each(KILLS)('has no row after the %s of its first delivery was killed', async (_, kill) => {
    record = deliveredRecord(newWallet());
    const attempt = await holdAt('appends to the log', creating);
    await kill(attempt);
    await holder.query('ROLLBACK');
    await expect(rowsOf(superuser, record)).resolves.toBe(0);
  });
});

describe('the store tries again by itself', () => {
  test('after its backend was killed, and does it once', async () => {
    const receiver = await database.store('vault_receiver');
    await holder.query('BEGIN; LOCK TABLE vault.share_access_log IN SHARE MODE');
    const response = receiver.receiveCreated(record, delivery, soon());
    while ((await superuser.query(HALTS)).rowCount === 0) await sleep(5);
    await killServerSide();
    await holder.query('ROLLBACK');
    await expect(response).resolves.toBe('sealed');
    await expect(rowsOf(superuser, record)).resolves.toBe(before + 3);
  });

  const operations: readonly (readonly [string, string, (receiver: RecordStore) => Promise<string>])[] = [
    ['created', 'sealed', (receiver) => receiver.receiveCreated(record, delivery, soon())],
    ['revoked', 'revoked', (receiver) => receiver.receiveRevoked(record, delivery, soon())],
  ];
  test.each(operations)(
    'after the response was lost, and reports that it was done: %s',
    async (name, outcome, deliver) => {
      const way = await startWay();
      const receiver = await database.store('vault_receiver', { port: way.port });
      await receiver.receiveRevoked(newWallet(), newDelivery(at(1)), soon());
      way.loseNextAnswer();
      await expect(deliver(receiver)).resolves.toBe('duplicate');
      await expect(remembered(superuser, record)).resolves.toEqual([
        'wallet.delegation.created sealed',
        `wallet.delegation.${name} ${outcome}`,
      ]);
    },
  );

  test('not once its time is up, and the transaction is rolled back', async () => {
    const receiver = await database.store('vault_receiver');
    await holder.query('BEGIN; LOCK TABLE vault.share_access_log IN SHARE MODE');
    const attempt = receiver.receiveCreated(record, delivery, deadlineIn(400));
    await expect(attempt).rejects.toThrowWithCode('StoreUnavailable');
    while ((await superuser.query(HALTS)).rowCount !== 0) await sleep(20);
    await holder.query('ROLLBACK');
    await expect(rowsOf(superuser, record)).resolves.toBe(before);
  });
});

/** A proxy to the database that can drop a response after the server sent it, and close the connection. */
async function startWay(): Promise<{ readonly port: number; loseNextAnswer(): void }> {
  let lose = false;
  const server = createServer((client) => {
    const upstream = connect(database.server.port, '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      if (!lose) return void client.write(chunk);
      lose = false;
      client.destroy();
      upstream.destroy();
    });
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { port, loseNextAnswer: () => (lose = true) };
}
