import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DescribeKeyCommand, KMSClient, RotateKeyOnDemandCommand } from '@aws-sdk/client-kms';
import { createAwsKmsKey } from '../../../lambda/keys/aws-kms';
import { KmsFixture, interceptor } from '../../local/emulator/services/kms/support';
import { describeKeyProvider } from './contract';
import { runtimeClient, startAltered, startAwsKms } from './support';

const CONTEXT = new Map([['environment', 'dev']]);
const soon = () => AbortSignal.timeout(10_000);

describeKeyProvider('aws-kms', startAwsKms);

describe('aws-kms', () => {
  let fixture = new KmsFixture();
  let keyArn = '';

  beforeEach(async () => {
    fixture = await new KmsFixture().start();
    keyArn = await fixture.createKey();
  });
  afterEach(() => fixture.remove());

  const open = (config = {}) => createAwsKmsKey({ keyArn, client: runtimeClient(fixture, config) });

  test.each([
    'arn:aws:kms:us-east-1:111122223333:alias/share-key',
    'alias/share-key',
    '00000000-0000-4000-8000-000000000000',
    'arn:aws:kms:us-east-1:111122223333:key/0/../1',
    '',
  ])('refuses %j as a key', (arn) => {
    expect(() => createAwsKmsKey({ keyArn: arn, client: runtimeClient(fixture) })).toThrowWithCode('Misconfigured');
  });

  test('refuses a client that would let data keys become strings', () => {
    const client = fixture.newClient();

    expect(client).toBeInstanceOf(KMSClient);
    expect(() => createAwsKmsKey({ keyArn, client })).toThrowWithCode('Misconfigured');
  });

  test('makes one call for each operation, with the ARN of the key and the whole context', async () => {
    const key = open();
    fixture.kms.calls.length = 0;

    const { wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    await key.unwrapDataKey(wrapped, CONTEXT, soon());

    const encryptionContext = Object.fromEntries(CONTEXT);
    expect(fixture.kms.calls).toMatchObject([
      { operation: 'GenerateDataKey', keyId: keyArn, encryptionContext, result: 'ok' },
      { operation: 'Decrypt', keyId: keyArn, encryptionContext, result: 'ok' },
    ]);
  });

  test('returns the id of the key material that wrapped a data key', async () => {
    const current = async () =>
      (await fixture.client.send(new DescribeKeyCommand({ KeyId: keyArn }))).KeyMetadata?.CurrentKeyMaterialId;
    const before = await open().wrapNewDataKey(CONTEXT, soon());
    expect(before.materialId).toBe(await current());

    await fixture.client.send(new RotateKeyOnDemandCommand({ KeyId: keyArn }));
    const after = await open().wrapNewDataKey(CONTEXT, soon());

    expect(after.materialId).toBe(await current());
    expect(after.materialId).not.toBe(before.materialId);
  });

  test('names the key in the wrapped data key as the ESDKs do', async () => {
    const { wrapped } = await open().wrapNewDataKey(CONTEXT, soon());

    expect(wrapped.map(({ providerId }) => providerId)).toEqual(['aws-kms']);
    expect(wrapped.map(({ providerInfo }) => Buffer.from(providerInfo).toString())).toEqual([keyArn]);
  });

  test('calls KMS for no candidate if none is its own', async () => {
    const key = open();
    const { wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    fixture.kms.calls.length = 0;

    const asked = key.unwrapDataKey(
      wrapped.map((each) => ({ ...each, providerId: 'aws-kms-hierarchy' })),
      CONTEXT,
      soon(),
    );

    await expect(asked).rejects.toThrowWithCode('KeyUnavailable');
    expect(fixture.kms.calls).toEqual([]);
  });

  test.each<[string, object, string, string]>([
    ['of another key', { KeyId: 'arn:aws:kms:us-east-1:111122223333:key/other' }, 'KeyUnavailable', 'KeyUnavailable'],
    ['of no key', { KeyId: undefined }, 'KeyUnavailable', 'KeyUnavailable'],
    ['without a plaintext', { Plaintext: undefined }, 'KeyUnreachable', 'KeyUnreachable'],
    ['with 31 bytes', { Plaintext: Buffer.alloc(31) }, 'KeyUnreachable', 'ContextMismatch'],
    ['with 33 bytes', { Plaintext: Buffer.alloc(33) }, 'KeyUnreachable', 'ContextMismatch'],
    ['that is no base64', { Plaintext: '?'.repeat(44) }, 'KeyUnreachable', 'KeyUnreachable'],
  ])('refuses a response %s', async (_what, altered, onWrap, onUnwrap) => {
    const { wrapped } = await open().wrapNewDataKey(CONTEXT, soon());
    const endpoint = await startAltered(fixture, (response) => ({ ...response, ...altered }));
    const key = open({ endpoint });

    await expect(key.wrapNewDataKey(CONTEXT, soon())).rejects.toThrowWithCode(onWrap);
    await expect(key.unwrapDataKey(wrapped, CONTEXT, soon())).rejects.toThrowWithCode(onUnwrap);
  });

  test('tries three times and no more', async () => {
    const key = open();
    fixture.kms.calls.length = 0;
    fixture.kms.faults.set({ error: '500' });

    await expect(key.wrapNewDataKey(CONTEXT, soon())).rejects.toThrowWithCode('KeyUnreachable');

    expect(fixture.kms.calls).toHaveLength(3);
  });

  test('does not wait for its next try when the time is up', async () => {
    // waits forever between attempts: only the signal can end it
    const retryStrategy = {
      mode: 'standard',
      acquireInitialRetryToken: async () => ({ getRetryCount: () => 0, getRetryDelay: () => 0 }),
      refreshRetryTokenForRetry: () => new Promise<never>(() => undefined),
      recordSuccess: () => undefined,
    };
    fixture.kms.faults.set({ error: 'throttle' });

    const asked = open({ retryStrategy }).wrapNewDataKey(CONTEXT, AbortSignal.timeout(150));

    await expect(asked).rejects.toThrowWithCode('KeyTimeout');
  });

  test('keeps one connection open for one call after the other', async () => {
    const sockets = new Set<unknown>();
    const endpoint = await startAltered(
      fixture,
      (response) => response,
      interceptor(({ socket }) => sockets.add(socket).size === 0),
    );
    const key = open({ endpoint });

    const { wrapped } = await key.wrapNewDataKey(CONTEXT, soon());
    await key.unwrapDataKey(wrapped, CONTEXT, soon());
    await key.unwrapDataKey(wrapped, CONTEXT, soon());

    expect(sockets.size).toBe(1);
  });

  test('returns another data key to each of many calls at once', async () => {
    const key = open();

    const made = await Promise.all(Array.from({ length: 20 }, () => key.wrapNewDataKey(CONTEXT, soon())));
    const opened = await Promise.all(made.map(({ wrapped }) => key.unwrapDataKey(wrapped, CONTEXT, soon())));

    expect(opened).toEqual(made.map(({ plaintext }) => plaintext));
  });
});
