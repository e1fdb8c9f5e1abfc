import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { type SealedMaterials, createdBody, deliveryHeaders, sealMaterials } from '../../client/delivery';
import type { sealBytes } from '../../lambda/keys/envelope';
import type { Handler } from '../../lambda/invocation/handler';
import { material } from '../support/run';
import { FakeStore, receiveInto } from './webhook/fake-store';
import {
  type Receiver,
  type TestKey,
  gatewayEvent,
  lambdaContext,
  readResponse,
  receiveEnv,
  startReceiver,
} from './webhook/receiver';

const SECRET = randomUUID();
const environment = { ...process.env };
const store = new FakeStore();
/** The buffers of the opened materials. */
const opened: Uint8Array[] = [];
let receiver: Receiver;
let key: TestKey;
let handler: Handler;

beforeAll(async () => {
  receiver = await startReceiver();
  key = await receiver.createWebhookKey();
  const shareKeyArn = await receiver.createShareKey();
  const secretArn = await receiver.createSecret('signing', { SecretString: SECRET });
  const parts = { shareKeyArn, webhookKeys: { one: key.arn }, secretArn, budgetMs: 3_000 };
  Object.assign(process.env, receiveEnv(receiver.url, parts));
  const envelope = jest.requireActual<{ sealBytes: typeof sealBytes }>('../../lambda/keys/envelope');
  const watched: typeof sealBytes = (bytes, ...rest) => {
    opened.push(bytes);
    return envelope.sealBytes(bytes, ...rest);
  };
  jest.doMock('../../lambda/keys/envelope', () => ({ ...envelope, sealBytes: watched }));
  handler = await receiveInto(store);
  jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
});
beforeEach(() => {
  opened.length = 0;
});
afterEach(() => receiver.kms.faults.clear());
afterAll(async () => {
  jest.restoreAllMocks();
  process.env = environment;
  await receiver.close();
});

const envelopes = () => sealMaterials({ delegatedShare: material(457), walletApiKey: material(51) }, key);

async function deliver(sealed: SealedMaterials) {
  const body = createdBody({ walletId: 'wallet-1', chain: 'EVM', userId: 'user-1', publicKey: '0xabc' }, sealed);
  return readResponse(await handler(gatewayEvent(body, deliveryHeaders(body, SECRET)), lambdaContext()));
}

const wiped = (...lengths: number[]) => lengths.map((length) => new Uint8Array(length));
const byLength = () => opened.map((bytes) => new Uint8Array(bytes)).sort((one, other) => other.length - one.length);

test('materials are wiped once they are sealed', async () => {
  expect(await deliver(envelopes())).toMatchObject({ code: 'Sealed' });
  expect(byLength()).toEqual(wiped(457, 51));
});

test('materials are wiped where they can not be sealed', async () => {
  receiver.kms.faults.set({ operation: 'GenerateDataKey', error: '500' });

  expect(await deliver(envelopes())).toMatchObject({ code: 'KeyUnreachable' });
  expect(byLength()).toEqual(wiped(457, 51));
});

test('materials are wiped where the time is up', async () => {
  receiver.kms.faults.set({ operation: 'GenerateDataKey', latencyMs: 3_600_000 });

  expect(await deliver(envelopes())).toMatchObject({ code: 'KeyTimeout' });
  expect(byLength()).toEqual(wiped(457, 51));
});

test('a material is wiped before the response says that the other one could not be opened', async () => {
  receiver.kms.faults.set({ operation: 'GenerateDataKey', latencyMs: 200 });
  const sealed = envelopes();
  const { encryptedDelegatedShare } = sealed;

  const response = await deliver({ ...sealed, encryptedDelegatedShare: { ...encryptedDelegatedShare, tag: '' } });

  expect(response).toMatchObject({ code: 'TransportRejected' });
  expect(byLength()).toEqual(wiped(51));
});
