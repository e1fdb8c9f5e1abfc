import { once } from 'node:events';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import type { NewRecord, RecordStore } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import {
  at,
  caller,
  deliveredRecord,
  newDelivery,
  newRecord,
  newWallet,
  query,
  sha256,
  withProperties,
} from './fixtures';

/** A proxy before PostgreSQL that counts the client's messages after one of the server. */
class Proxy {
  #turns = 0;
  #clientSpeaks = false;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  port = 0;

  constructor(private readonly target: number) {
    this.#server = createServer((client) => this.#forward(client));
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Returns the round trips since the previous call. */
  take(): number {
    const turns = this.#turns;
    this.#turns = 0;
    return turns;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #forward(client: Socket): void {
    const upstream = connect(this.target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', () => {
      if (!this.#clientSpeaks) this.#turns += 1;
      this.#clientSpeaks = true;
    });
    upstream.on('data', () => {
      this.#clientSpeaks = false;
    });
    client.pipe(upstream).pipe(client);
  }
}

let database: TestDatabase;
let proxy: Proxy;
let record: NewRecord;
beforeAll(async () => {
  database = await TestDatabase.start();
  proxy = new Proxy(database.server.port);
  await proxy.listen();
});
beforeEach(async () => {
  record = newRecord(newWallet(), withProperties('{}'));
  const direct = await database.store('vault_sealer');
  await direct.seal(record, caller, soon());
});
afterEach(() => database.disconnect());
afterAll(async () => {
  proxy.close();
  await database.stop();
});

const hundred = () => Array.from({ length: 100 }, () => newRecord(newWallet()));

const operations: readonly (readonly [string, string, (store: RecordStore) => Promise<unknown>])[] = [
  ['seal', 'vault_sealer', (store) => store.seal(newRecord(newWallet()), caller, soon())],
  ['sealAll of 100 records', 'vault_sealer', (store) => store.sealAll(hundred(), caller, soon())],
  ['unsealAll of 100 records', 'vault_unsealer', (store) => store.unsealAll(hundred(), 'to sign', caller, soon())],
  ['wallets', 'vault_auditor', (store) => store.wallets(undefined, 500, {}, soon())],
  [
    'replaceProperties',
    'vault_sealer',
    (store) =>
      store.replaceProperties(record, { text: '{}', sha256: sha256('{}'), hasBackupInfo: false }, caller, soon()),
  ],
  [
    'receiveCreated',
    'vault_receiver',
    (store) => store.receiveCreated(deliveredRecord(newWallet()), newDelivery(at(1)), soon()),
  ],
  ['receiveRevoked', 'vault_receiver', (store) => store.receiveRevoked(newWallet(), newDelivery(at(1)), soon())],
  ['properties', 'vault_reader', (store) => store.properties(record, undefined, soon())],
  ['unseal', 'vault_unsealer', (store) => store.unseal(query(record), caller, soon())],
  ['revoke', 'vault_revoker', (store) => store.revoke(record, KINDS, 'lost', caller, soon())],
  ['records', 'vault_auditor', (store) => store.records(record, soon())],
  ['log', 'vault_auditor', (store) => store.log(record, 0, 10, soon())],
  ['chainHead', 'vault_auditor', (store) => store.chainHead(record, soon())],
];

test.each(operations)('%s takes one round trip on a warm connection', async (_, role, operation) => {
  const store = await database.store(role, { host: '127.0.0.1', port: proxy.port });
  await operation(store);
  const cold = proxy.take();
  await operation(store);
  expect(cold).toBeGreaterThan(1);
  expect(proxy.take()).toBe(1);
});
