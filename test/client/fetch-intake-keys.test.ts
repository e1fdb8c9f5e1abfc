import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { type IntakeKeyOption, type IntakeKeyOptions, type SealInput, fetchIntakeKeys } from '../../client/index';
import { KEY_ARN, functionArn, publicKeyReply } from './support/fake-account';
import { sealInput, unsealInput } from './support/inputs';
import { account, useFakeAccount } from './support/use-fake-account';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();
useFakeAccount();

const fetchOne = (options: Partial<IntakeKeyOptions> = {}) =>
  fetchIntakeKeys({ keys: { 'intake-1': KEY_ARN }, functions: { seal: functionArn('seal') }, ...options });
const reply = (body: object, status = 200): void => void account.replies.push({ body, status });

describe('fetchIntakeKeys', () => {
  test('returns the public keys by name, in order', async () => {
    const keys = await fetchOne({ keys: { 'intake-2': KEY_ARN, 'intake-1': KEY_ARN } });

    expect(keys.map(({ kid }) => kid)).toEqual(['intake-2', 'intake-1']);
    expect(keys.map(({ publicKey }) => account.publicKey.equals(publicKey as never))).toEqual([true, true]);
    expect(account.asked).toEqual(['GetPublicKey', 'GetPublicKey']);
  });

  test('takes a client of KMS that is given, and functions by name', async () => {
    const kms = new KMSClient({ endpoint: account.endpoint });

    await expect(fetchOne({ kms, functions: { seal: 'vault-seal' } })).resolves.toHaveLength(1);
  });

  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;

  test.each<[string, () => object, string]>([
    ['another key', () => ({ KeyId: `${KEY_ARN}9` }), 'expected the key that was asked for, got another'],
    ['no key id', () => ({ KeyId: undefined }), 'expected the key that was asked for'],
    ['a key that signs', () => ({ KeyUsage: 'SIGN_VERIFY' }), 'expected a key for ENCRYPT_DECRYPT, got another'],
    ['a key on a curve', () => publicKeyReply(ec), 'expected an RSA public key of at least 2048 bits, got another'],
    ['a short key', () => publicKeyReply(weak), 'expected an RSA public key of at least 2048 bits'],
    ['bytes that are no key', () => ({ PublicKey: 'AAAA' }), 'expected an RSA public key of at least 2048 bits'],
    ['nothing', () => ({ PublicKey: undefined }), 'expected an RSA public key of at least 2048 bits'],
  ])('refuses %s from KMS', async (_what, changes, message) => {
    reply(publicKeyReply(account.publicKey, changes() as Record<string, unknown>));

    const refused = fetchOne();

    await expect(refused).rejects.toMatchObject({ code: 'ResponseRejected', requestId: 'request-1' });
    await expect(refused).rejects.toThrow(`intake key intake-1: ${message}`);
  });

  test.each<[string, unknown, RegExp]>([
    ['no keys', {}, /^intake keys: expected the ARN of at least one key by its name, got none$/],
    ['keys that are none', undefined, /expected the ARN of at least one key/],
    ['an alias', { a: KEY_ARN.replace('key/', 'alias/') }, /a: expected the ARN of a key in KMS/],
    ['a number', { a: 7 }, /a: expected the ARN of a key in KMS/],
    ['a name with a blank', { 'a b': KEY_ARN }, /expected key ids as names, got something else/],
    ["another account's key", { a: KEY_ARN.replace('1111222', '1111333') }, /a: expected a key of the functions' part/],
  ])('refuses %s before it asks KMS', async (_what, keys, message) => {
    const refused = fetchOne({ keys: keys as IntakeKeyOptions['keys'] });

    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(message);
    expect(account.asked).toEqual([]);
  });

  test.each([
    [400, 'AccessDeniedException', 'KeyUnavailable', false, 1],
    [400, 'NotFoundException', 'KeyUnavailable', false, 1],
    [400, 'ThrottlingException', 'KeyThrottled', true, 3],
    [500, 'KMSInternalException', 'KeyUnreachable', true, 3],
  ])('ends after %d %s with a code, and no message of KMS', async (status, type, code, retryable, tries) => {
    for (let made = 0; made < tries; made += 1) reply({ __type: type, message: 'of KMS' }, status);

    const failed = fetchOne();

    await expect(failed).rejects.toMatchObject({ code, retryable });
    await expect(failed).rejects.toThrow(
      `expected the public half of intake key intake-1 (kms:GetPublicKey), got ${type}`,
    );
    expect(account.asked).toHaveLength(tries);
  });

  test('ends with the reason of an aborted signal', async () => {
    const reason = new Error('enough');

    await expect(fetchOne({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

describe('a client that fetches its intake keys', () => {
  /** Returns a client, and its fetches: each waits until it is told to end. */
  function fetching() {
    const fetches: PromiseWithResolvers<readonly IntakeKeyOption[]>[] = [];
    const intakeKeys = () => {
      const fetch = Promise.withResolvers<readonly IntakeKeyOption[]>();
      fetches.push(fetch);
      return fetch.promise;
    };
    const { kid, publicKey } = vault.functions;
    return { sealer: vault.client({ intakeKeys }), fetches, keys: [{ kid, publicKey }] };
  }

  test('shares one fetch among concurrent seals, and repeats none', async () => {
    const { sealer, fetches, keys } = fetching();

    const sealing = [sealInput(), sealInput()].map((input) => sealer.seal(input));
    fetches[0]?.resolve(keys);
    await Promise.all(sealing);
    await sealer.seal(sealInput());

    expect(fetches).toHaveLength(1);
    expect(vault.calls).toHaveLength(3);
  });

  test('seals the good items of a batch with one that is no record', async () => {
    const { sealer, fetches, keys } = fetching();

    const sealing = sealer.sealMany([sealInput(), null as unknown as SealInput]);
    fetches[0]?.resolve(keys);

    await expect(sealing).resolves.toMatchObject([{ ok: true }, { ok: false, error: expect.any(TypeError) }]);
  });

  test('keeps no error of a function that throws at once', async () => {
    const { kid, publicKey } = vault.functions;
    const failure = new Error('of the configuration');
    let calls = 0;
    const intakeKeys = (): Promise<readonly IntakeKeyOption[]> => {
      calls += 1;
      if (calls === 1) throw failure;
      return Promise.resolve([{ kid, publicKey }]);
    };
    const sealer = vault.client({ intakeKeys });

    await expect(sealer.seal(sealInput())).rejects.toBe(failure);
    await expect(sealer.seal(sealInput())).resolves.toBeDefined();
  });

  test('keeps no failure: the next seal fetches again', async () => {
    const { sealer, fetches, keys } = fetching();
    const failure = new Error('of KMS');

    const first = sealer.seal(sealInput());
    fetches[0]?.reject(failure);
    await expect(first).rejects.toBe(failure);
    const second = sealer.seal(sealInput());
    fetches[1]?.resolve(keys);

    await expect(second).resolves.toHaveProperty('recordId');
  });

  test('lets one seal abort while another waits for the same keys', async () => {
    const { sealer, fetches, keys } = fetching();
    const stop = new AbortController();
    const reason = new Error('enough');

    const aborted = sealer.seal(sealInput(), { signal: stop.signal });
    const kept = sealer.seal(sealInput());
    stop.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    fetches[0]?.resolve(keys);

    await expect(kept).resolves.toHaveProperty('recordId');
  });

  test('has copied the materials when it returns its promise, so that its caller can wipe them at once', async () => {
    const { sealer, fetches, keys } = fetching();
    const input = sealInput();
    const share = Buffer.from(input.materials.delegatedShare);

    const sealing = sealer.seal(input);
    input.materials.delegatedShare.fill(0);
    fetches[0]?.resolve(keys);
    await sealing;

    using record = await client.unseal(unsealInput(input));
    expect(share.equals(record.delegatedShare)).toBe(true);
  });

  test('seals many records with keys that it fetched for them', async () => {
    const { sealer, fetches, keys } = fetching();
    const inputs = [sealInput(), sealInput()];

    const sealing = sealer.sealMany(inputs);
    for (const { materials } of inputs) Object.values(materials).forEach((bytes: Uint8Array) => bytes.fill(0));
    fetches[0]?.resolve(keys);

    expect(await sealing).toMatchObject([{ ok: true }, { ok: true }]);
    await expect(fetching().sealer.sealMany(undefined as never)).rejects.toThrow(TypeError);
  });

  test.each<[string, unknown, RegExp]>([
    ['none', [], /intakeKeys: expected at least one, got none/],
    ['something else', 'key', /intakeKeys: expected at least one, got none/],
    ['a key that is none', [{ kid: 'a', publicKey: 'key' }], /intakeKeys\[0\]\.publicKey: expected an RSA public key/],
    ['null', [null], /intakeKeys\[0\]\.kid: .*intakeKeys\[0\]\.publicKey: /],
  ])('refuses to seal with %s', async (_what, keys, message) => {
    const { sealer, fetches } = fetching();

    const refused = sealer.seal(sealInput());
    fetches[0]?.resolve(keys as readonly IntakeKeyOption[]);

    await expect(refused).rejects.toThrow(TypeError);
    await expect(refused).rejects.toThrow(message);
    expect(vault.calls).toEqual([]);
  });

  test('refuses arguments that are none as other clients do', async () => {
    const { sealer, fetches, keys } = fetching();

    const refused = [undefined, { materials: 7 }, sealInput({ materials: { delegatedShare: 'a' } as never })].map(
      (input) => sealer.seal(input as never),
    );
    fetches[0]?.resolve(keys);

    for (const call of refused) await expect(call).rejects.toThrow(TypeError);
  });
});
