import { afterEach, describe, expect, test } from '@jest/globals';
import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { rsaKeyPair } from '../support/rsa-keys';
import { NOTHING, changeReceive, codeOf, createdOf, rowsOf } from './deliveries';
import { makeWallet, unsealWallet } from './harness';
import { importRsaKey, storeSecret, useWebhookKeys } from './own-key';
import { useWebhookVault, vault, wallet } from './use-webhook-vault';

useWebhookVault();
afterEach(() => changeReceive(vault, {}));

const useKeys = (keys: Readonly<Record<string, string>>) => useWebhookKeys(vault, keys);
const derOf = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'pkcs8' });
const pemOf = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }).toString();
const publicPem = (key: KeyObject): string => key.export({ format: 'pem', type: 'spki' }).toString();

const SIZES = [2_048, 3_072, 4_096] as const;

describe('a private key that was there before the vault', () => {
  test.each(SIZES)('of %d bits opens deliveries from Secrets Manager, in DER and in PEM', async (modulusLength) => {
    const { publicKey, privateKey } = rsaKeyPair(modulusLength);
    const values = [{ SecretBinary: derOf(privateKey) }, { SecretString: pemOf(privateKey) }];
    const wallets = values.map(makeWallet);

    const codes = [];
    for (const [i, value] of values.entries()) {
      await useKeys({ own: await storeSecret(vault, value) });
      codes.push(await codeOf(vault, createdOf(wallets[i] ?? wallet, { publicKey: publicPem(publicKey), kid: 'own' })));
    }

    expect(codes).toEqual(['200 Sealed', '200 Sealed']);
    for (const each of wallets) expect(await unsealWallet(vault, each)).toEqual(each.materials);
  });

  test.each(SIZES)('of %d bits opens deliveries once it is imported into KMS', async (modulusLength) => {
    const { publicKey, privateKey } = rsaKeyPair(modulusLength);
    await useKeys({ own: await importRsaKey(vault, `RSA_${modulusLength}`, derOf(privateKey)) });

    expect(await codeOf(vault, createdOf(wallet, { publicKey: publicPem(publicKey), kid: 'own' }))).toBe('200 Sealed');
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
  });

  test.each([undefined, 'theirs'])('beside one in KMS is found by trying (kid: %s)', async (kid) => {
    const { publicKey, privateKey } = rsaKeyPair(2_048);
    const own = await storeSecret(vault, { SecretBinary: derOf(privateKey) });
    await useKeys({ [vault.webhook.kid]: vault.keys.webhookKeyArn, own });
    const other = makeWallet();

    expect(await codeOf(vault, createdOf(wallet, { publicKey: publicPem(publicKey), kid }))).toBe('200 Sealed');
    expect(await codeOf(vault, createdOf(other, { publicKey: vault.webhook.publicKey, kid }))).toBe('200 Sealed');
    expect(await unsealWallet(vault, wallet)).toEqual(wallet.materials);
    expect(await unsealWallet(vault, other)).toEqual(other.materials);
  });

  test.each([
    ['is another key', () => pemOf(rsaKeyPair(4_096).privateKey), '400 TransportRejected'],
    ['is of another kind', () => pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey), '500 KeyUnavailable'],
    ['is too small', () => pemOf(generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey), '500 KeyUnavailable'],
    ['is no key', () => 'no key', '500 KeyUnavailable'],
  ])('that %s opens nothing', async (_what, make, answer) => {
    await useKeys({ own: await storeSecret(vault, { SecretString: make() }) });

    expect(await codeOf(vault, createdOf(wallet, vault.webhook))).toBe(answer);
    expect(await rowsOf(vault, wallet)).toEqual(NOTHING);
  }); // prettier-ignore

  test('that Secrets Manager does not give out now is asked for again', async () => {
    const { publicKey, privateKey } = rsaKeyPair(2_048);
    const SecretId = await storeSecret(vault, { SecretBinary: derOf(privateKey) });
    await useKeys({ own: SecretId });
    const body = createdOf(wallet, { publicKey: publicPem(publicKey), kid: 'own' });
    const handle = vault.secrets.handle.bind(vault.secrets);
    // the signing secret is still readable
    vault.secrets.handle = (call) => {
      if (JSON.stringify(call.input).includes(SecretId)) throw new Error('told to fail');
      return handle(call);
    };

    const refused = await codeOf(vault, body);
    vault.secrets.handle = handle;

    expect(refused).toBe('503 KeyUnreachable');
    expect(await rowsOf(vault, wallet)).toEqual(NOTHING);
    expect(await codeOf(vault, body)).toBe('200 Sealed');
  });
});
