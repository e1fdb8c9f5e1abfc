import { beforeAll, describe, expect, test } from '@jest/globals';
import { createdBody, pingBody, revokedBody, sealMaterials } from '../../client/delivery';
import { FIELDS } from '../../lambda/contract/kinds';
import { recordContext } from '../../lambda/keys/record-context';
import { openBytes } from '../../lambda/keys/envelope';
import { VaultError } from '../../lambda/contract/errors';
import { createAwsKmsKey } from '../../lambda/keys/aws-kms';
import { createKmsClient } from '../../lambda/keys/kms-client';
import { nanoseconds } from '../support/nanoseconds';
import { countSecrets } from '../support/scan';
import type { TestKey } from './webhook/receiver';
import {
  WALLET,
  deliver,
  everything,
  newMaterials,
  out,
  receiver,
  send,
  startReceive,
  store,
  used,
  useReceiver,
} from './webhook/use-receiver';

const FACTS = { eventId: 'event-1', messageId: 'message-1', at: new Date('2026-11-20T10:00:00.000Z') };
let key: TestKey;
let shareKeyArn = '';

useReceiver();
beforeAll(async () => {
  key = await receiver.createWebhookKey();
  shareKeyArn = await startReceive({ 'webhook-1': key.arn });
});

const created = () => createdBody(WALLET, sealMaterials(newMaterials(), key), FACTS);
const line = () => JSON.parse(out.at(-1) ?? '{}') as Record<string, unknown>;

describe('receive', () => {
  test.each([
    ['bytes in base64', (body: Buffer) => body],
    ['text', (body: Buffer) => body.toString()],
  ])('seals the materials of a created, its body as %s', async (_how, asSent) => {
    const materials = newMaterials();
    const sealed = sealMaterials(materials, { ...key, kid: 'webhook-1' });

    const response = await deliver(asSent(createdBody({ ...WALLET, shareSetId: 'set-1' }, sealed, FACTS)));

    expect(response).toEqual({ status: 200, code: 'Sealed' });
    const [stored] = store.created;
    expect(stored?.delivery).toEqual({
      eventId: 'event-1',
      messageId: 'message-1',
      eventTime: nanoseconds(FACTS.at),
      requestId: 'request-1',
    });
    expect(stored?.record).toMatchObject({ ...WALLET, shareSetId: 'set-1', keyId: shareKeyArn });
    expect(await unseal('delegatedShare')).toEqual(materials.delegatedShare);
    expect(await unseal('walletApiKey')).toEqual(materials.walletApiKey);
  });

  /** Returns the material in the store, opened as `unseal` does. */
  async function unseal(name: 'delegatedShare' | 'walletApiKey'): Promise<Buffer> {
    const [stored] = store.created;
    if (stored === undefined) throw new Error('expected a record');
    const { record } = stored;
    const context = recordContext({ ...record, environment: 'local' }, FIELDS[name]);
    const client = createKmsClient();
    const shareKey = createAwsKmsKey({ keyArn: shareKeyArn, client });
    try {
      return await openBytes(record.sealed[name], context, shareKey, AbortSignal.timeout(10_000));
    } finally {
      client.destroy();
    }
  }

  test('destroys what a revoked names', async () => {
    const response = await deliver(revokedBody(WALLET, FACTS));

    expect(response).toEqual({ status: 200, code: 'Destroyed' });
    expect(store.revoked).toEqual([
      {
        wallet: { walletId: 'wallet-1', chain: 'EVM' },
        delivery: {
          eventId: 'event-1',
          messageId: 'message-1',
          eventTime: nanoseconds(FACTS.at),
          requestId: 'request-1',
        },
      },
    ]);
    expect(receiver.kms.calls).toEqual([]);
  });

  test('destroys what a revoked in the form of Dynamic’s own page names', async () => {
    const event = { eventName: 'wallet.delegation.revoked', eventId: 'event-1', timestamp: FACTS.at, userId: 'user-1' };

    const response = await deliver(JSON.stringify({ ...event, data: { walletId: 'wallet-1', chain: 'EVM' } }));

    expect(response).toEqual({ status: 200, code: 'Destroyed' });
    expect(store.revoked).toMatchObject([{ delivery: { eventId: 'event-1', messageId: 'event-1' } }]);
  });

  test('destroys every stored spelling of the wallet that a revoked names, each under ids of its own', async () => {
    store.wallets.push({ walletId: 'wallet-1', chain: 'evm' }, { walletId: 'wallet-1', chain: 'SVM' });

    const response = await deliver(revokedBody({ ...WALLET, chain: 'EVM\u200b' }, FACTS));

    expect(response).toEqual({ status: 200, code: 'Destroyed' });
    expect(store.revoked.map(({ wallet }) => wallet.chain)).toEqual(['EVM', 'evm']);
    expect(store.revoked.map(({ delivery }) => delivery.eventId)).toEqual([
      'event-1',
      expect.stringMatching(/^sha256:/),
    ]);
  });

  test.each(['EVM', 'evm', 'eVm'])(
    'destroys every other spelling if %s can not be destroyed, and refuses',
    async (kept) => {
      store.wallets.push({ walletId: 'wallet-1', chain: 'evm' }, { walletId: 'wallet-1', chain: 'eVm' });
      store.onRevoked = ({ chain }) =>
        chain === kept ? Promise.reject(new VaultError('StoreUnavailable', 'held')) : Promise.resolve('revoked');

      expect(await deliver(revokedBody(WALLET, FACTS))).toEqual({ status: 503, code: 'StoreUnavailable' });

      expect(store.revoked.map(({ wallet }) => wallet.chain)).toEqual(['EVM', 'evm', 'eVm']);
    },
  );

  test('destroys every stored chain of a wallet if a revoked names none', async () => {
    store.wallets.push({ walletId: 'wallet-1', chain: 'EVM' }, { walletId: 'wallet-1', chain: 'SVM' });

    const response = await deliver(revokedBody({ ...WALLET, chain: '' }, FACTS));

    expect(response).toEqual({ status: 200, code: 'Destroyed' });
    expect(store.revoked.map(({ wallet }) => wallet.chain)).toEqual(['EVM', 'SVM']);
  });

  test('refuses a revoked that names neither a chain nor a stored wallet, so that it is sent again', async () => {
    const response = await deliver(revokedBody({ ...WALLET, chain: '' }, FACTS));

    expect(response).toEqual({ status: 400, code: 'InvalidRequest' });
    expect(store.revoked).toEqual([]);
  });

  test('destroys what a revoked names though another event had its ids, under the same ids each time', async () => {
    const revoke = async () => {
      const refusals = [new VaultError('Conflict', 'expected ids of one delivery, got those of another')];
      store.onRevoked = () => {
        const refusal = refusals.pop();
        return refusal === undefined ? Promise.resolve('revoked') : Promise.reject(refusal);
      };
      return deliver(revokedBody(WALLET, FACTS));
    };

    expect(await revoke()).toEqual({ status: 200, code: 'Destroyed' });
    expect(await revoke()).toEqual({ status: 200, code: 'Destroyed' });

    const [own, beside] = store.revoked.map(({ delivery }) => delivery.eventId);
    expect(own).toBe('event-1');
    expect(beside).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(store.revoked.map(({ delivery }) => delivery.eventId)).toEqual([own, beside, own, beside]);
    expect(store.revoked.map(({ wallet }) => wallet.chain)).toEqual(['EVM', 'EVM', 'EVM', 'EVM']);
  });

  test('destroys what a revoked of a time far ahead names, and refuses it, so that it comes again', async () => {
    store.wallets.push({ walletId: 'wallet-1', chain: 'evm' });

    const response = await deliver(revokedBody(WALLET, { ...FACTS, at: new Date(Date.now() + 3_600_000) }));

    expect(response).toEqual({ status: 400, code: 'InvalidRequest' });
    expect(store.revoked.map(({ wallet }) => wallet.chain)).toEqual(['EVM', 'evm']);
    expect(store.revoked.map(({ delivery }) => delivery.eventTime)).toEqual([undefined, undefined]);
    expect(store.revoked.map(({ delivery }) => delivery.eventId)).not.toContain('event-1');
  });

  test('responds to a ping, and calls no service', async () => {
    expect(await deliver(pingBody('https://vault.example.com/webhooks/dynamic'))).toEqual({
      status: 200,
      code: 'Pong',
    });
    expect(receiver.kms.calls).toEqual([]);
  });

  test.each([
    ['duplicate', 'Duplicate'],
    ['outdated', 'Outdated'],
  ] as const)('responds with 200 if the store returns %s', async (outcome, code) => {
    store.onCreated = () => Promise.resolve(outcome);
    store.onRevoked = () => Promise.resolve(outcome);

    expect(await deliver(created())).toEqual({ status: 200, code });
    expect(await deliver(revokedBody(WALLET, FACTS))).toEqual({ status: 200, code });
    expect(line()).not.toHaveProperty('recordId');
  });

  test('responds with 200 and a code of its own to a revocation that destroyed only superseded records', async () => {
    store.onRevoked = () => Promise.resolve('superseded-destroyed');

    expect(await deliver(revokedBody(WALLET, FACTS))).toEqual({ status: 200, code: 'SupersededDestroyed' });
    expect(line()).toMatchObject({ outcome: 'SupersededDestroyed' });
  });

  test.each([
    ['Conflict', 400],
    ['StoreUnavailable', 503],
    ['InternalError', 500],
  ] as const)('responds to a refusal of the store as %s with %i', async (code, status) => {
    store.onRevoked = () => Promise.reject(new VaultError(code, 'refused'));

    expect(await deliver(revokedBody(WALLET, FACTS))).toEqual({ status, code });
  });

  test('logs a delivery by its code, its event and its record, and nothing of its body', async () => {
    await deliver(created());

    expect(out).toHaveLength(1);
    expect(line()).toEqual({
      level: 'info',
      event: 'answered',
      environment: 'local',
      function: 'receive',
      requestId: 'request-1',
      actor: 'dynamic:webhook',
      webhookEvent: 'wallet.delegation.created',
      outcome: 'Sealed',
      recordId: store.created[0]?.record.recordId,
      milliseconds: expect.any(Number),
      Answered: 1,
      _aws: expect.anything(),
    });
  });
});

describe('an event that the vault has no use for', () => {
  const other = (eventName: unknown) => JSON.stringify({ eventName, secret: 'hunter2', data: [] });

  test('gets a response and is logged by its name', async () => {
    expect(await deliver(other('user.session.created'))).toEqual({ status: 200, code: 'Ignored' });
    expect(line()).toMatchObject({ webhookEvent: 'user.session.created', outcome: 'Ignored' });
  });

  test.each(['a'.repeat(65), 'Wallet.created', 'x y', 'x\ny', 'hunter2{"level":"error"}', ''])(
    'is not logged by a name that is no plain word: %j',
    async (name) => {
      expect(await deliver(other(name))).toEqual({ status: 200, code: 'Ignored' });
      expect(line()).not.toHaveProperty('webhookEvent');
      expect(out.join('')).not.toContain('hunter2');
    },
  );

  test('is refused like any other if the signature does not fit', async () => {
    expect(await deliver(other('user.session.created'), 'another')).toEqual({ status: 401, code: 'SignatureMismatch' });
  });
});

test.each([null, 'text', {}, { version: '1.0', body: '{}' }])(
  'an event that API Gateway does not send (%j) gets 400',
  async (event) => {
    expect(await send(event)).toEqual({ status: 400, code: 'InvalidRequest' });
  },
);

test('no material is in any line', () => {
  expect([used.length, everything.length]).not.toContain(0);
  expect(countSecrets(Buffer.from(everything.join('')), used)).toBe(0);
});
