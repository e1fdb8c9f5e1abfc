import { beforeAll, describe, expect, test } from '@jest/globals';
import { createdBody, sealEnvelope } from '../../client/delivery';
import { countSecrets } from '../support/scan';
import type { TestKey } from './webhook/receiver';
import {
  WALLET,
  deliver,
  everything,
  newMaterials,
  receiver,
  startReceive,
  store,
  used,
  useReceiver,
} from './webhook/use-receiver';

let [first, second, third, fourth]: TestKey[] = [];

useReceiver();
beforeAll(async () => {
  const keys = await Promise.all([1, 2, 3, 4].map(() => receiver.createWebhookKey()));
  [first, second, third, fourth] = keys;
  await startReceive(Object.fromEntries(keys.map(({ arn }, i) => [`webhook-${i + 1}`, arn])));
});

/** Returns two envelopes, each encrypted to its key with its `kid`; by default only the API key's has one. */
function envelopes(share: TestKey | undefined, apiKey = share, kids: { share?: string; apiKey?: string } = {}) {
  const { delegatedShare, walletApiKey } = newMaterials();
  if (share === undefined || apiKey === undefined) throw new Error('expected keys');
  return {
    encryptedDelegatedShare: sealEnvelope(delegatedShare, { publicKey: share.publicKey, kid: kids.share }),
    encryptedWalletApiKey: sealEnvelope(walletApiKey, { publicKey: apiKey.publicKey, kid: kids.apiKey }),
  };
}

describe('the key of an envelope', () => {
  const KEYS = { share: 'webhook-2', apiKey: 'webhook-1' };

  test.each([
    ["each its own kid's", () => envelopes(second, first, KEYS), () => [first, second]],
    [
      'the kid of the API key if the share has none',
      () => envelopes(second, second, { apiKey: 'webhook-2' }),
      () => [second, second],
    ],
    ['the first live key if there is no kid', () => envelopes(first), () => [first, first]],
    ['each live key in turn if there is none', () => envelopes(second), () => [first, first, second, second]],
    [
      'each live key if the kid is unknown',
      () => envelopes(third, third, { apiKey: 'dynamic_rsa_x' }),
      () => [first, first, second, second, third, third],
    ],
  ] as const)('is %s', async (_which, make, asked) => {
    const response = await deliver(createdBody(WALLET, make()));

    expect(response).toEqual({ status: 200, code: 'Sealed' });
    expect(receiver.decrypts().sort()).toEqual(asked().map((key) => key?.arn).sort()); // prettier-ignore
  });

  test('is tried under at most three keys', async () => {
    const response = await deliver(createdBody(WALLET, envelopes(fourth, fourth)));

    expect(response).toEqual({ status: 400, code: 'TransportRejected' });
    expect(receiver.decrypts()).toHaveLength(6);
    expect(receiver.decrypts()).not.toContain(fourth?.arn);
  });

  test('is the fourth if its kid names that', async () => {
    const response = await deliver(createdBody(WALLET, envelopes(fourth, fourth, { apiKey: 'webhook-4' })));

    expect(response).toEqual({ status: 200, code: 'Sealed' });
  });

  test('is only the one that a known kid names', async () => {
    const response = await deliver(createdBody(WALLET, envelopes(first, first, { apiKey: 'webhook-2' })));

    expect(response).toEqual({ status: 400, code: 'TransportRejected' });
    expect(receiver.decrypts()).toEqual([second?.arn, second?.arn]);
    expect(store.created).toEqual([]);
  });

  test.each(['__proto__', 'constructor', '', 7, null])('is not looked up by a kid like %j', async (kid) => {
    const { encryptedDelegatedShare, encryptedWalletApiKey } = envelopes(first);
    const odd = { encryptedDelegatedShare, encryptedWalletApiKey: { ...encryptedWalletApiKey, kid: kid as string } };

    const { code } = await deliver(createdBody(WALLET, odd));

    expect(code).toBe('Sealed');
  });
});

test('no material is in any line', () => {
  expect([used.length, everything.length]).not.toContain(0);
  expect(countSecrets(Buffer.from(everything.join('')), used)).toBe(0);
});
