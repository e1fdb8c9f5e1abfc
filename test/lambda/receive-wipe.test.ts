import { beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { type SealedMaterials, createdBody, sealMaterials } from '../../client/delivery';
import type { sealOpening } from '../../lambda/keys/envelope';
import type { TestKey } from './webhook/receiver';
import { WALLET, deliver, newMaterials, receiver, startReceive, useReceiver } from './webhook/use-receiver';

/** The buffers of the opened materials. */
const opened: Uint8Array[] = [];
let key: TestKey;

useReceiver();
beforeAll(async () => {
  const envelope = jest.requireActual<{ sealOpening: typeof sealOpening }>('../../lambda/keys/envelope');
  const watched: typeof sealOpening = (open, ...rest) => {
    const watchedOpen = async () => {
      const bytes = await open();
      opened.push(bytes);
      return bytes;
    };
    return envelope.sealOpening(watchedOpen, ...rest);
  };
  jest.doMock('../../lambda/keys/envelope', () => ({ ...envelope, sealOpening: watched }));
  key = await receiver.createWebhookKey();
  await startReceive({ one: key.arn }, 3_000);
});
beforeEach(() => {
  opened.length = 0;
});

const envelopes = () => sealMaterials(newMaterials(), key);
const deliverCreated = (sealed: SealedMaterials) => deliver(createdBody(WALLET, sealed));
const wiped = (...lengths: number[]) => lengths.map((length) => new Uint8Array(length));
const byLength = () => opened.map((bytes) => new Uint8Array(bytes)).sort((one, other) => other.length - one.length);

test('materials are wiped once they are sealed', async () => {
  expect(await deliverCreated(envelopes())).toMatchObject({ code: 'Sealed' });
  expect(byLength()).toEqual(wiped(457, 51));
});

test('materials are wiped if they can not be sealed', async () => {
  receiver.kms.faults.set({ operation: 'GenerateDataKey', error: '500' });

  expect(await deliverCreated(envelopes())).toMatchObject({ code: 'KeyUnreachable' });
  expect(byLength()).toEqual(wiped(457, 51));
});

test('materials are wiped if the time is up', async () => {
  receiver.kms.faults.set({ operation: 'GenerateDataKey', latencyMs: 3_600_000 });

  expect(await deliverCreated(envelopes())).toMatchObject({ code: 'KeyTimeout' });
  expect(byLength()).toEqual(wiped(457, 51));
});

test('a material is wiped before the response reports that the other one could not be opened', async () => {
  receiver.kms.faults.set({ operation: 'GenerateDataKey', latencyMs: 200 });
  const sealed = envelopes();
  const { encryptedDelegatedShare } = sealed;

  const response = await deliverCreated({
    ...sealed,
    encryptedDelegatedShare: { ...encryptedDelegatedShare, tag: '' },
  });

  expect(response).toMatchObject({ code: 'TransportRejected' });
  expect(byLength()).toEqual(wiped(51));
});
