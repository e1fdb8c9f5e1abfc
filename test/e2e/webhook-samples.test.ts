import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { LocalVault } from '../../local/vault';
import { logFolder } from '../support/run';
import { countSecrets } from '../support/scan';
import { codeOf, rowsOf, startPatientVault } from './deliveries';
import { unsealWallet } from './harness';
import { importRsaKey, storeSecret, useWebhookKeys } from './own-key';

const SAMPLES = join(__dirname, '../../../shared/samples/dynamic-webhooks');

interface Sample {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}
interface ExpectedCreated {
  readonly walletId: string;
  readonly chain: string;
  readonly userId: string;
  readonly publicKey: string;
  readonly delegatedShare: string;
  readonly walletApiKey: string;
}
interface Expected {
  readonly webhookSecret: string;
  readonly kid: string;
  readonly deliveries: Readonly<Record<string, ExpectedCreated>>;
}

const load = (file: string): unknown => JSON.parse(readFileSync(join(SAMPLES, file), 'utf8'));
const sampleOf = (name: string): Sample => load(`${name}.json`) as Sample;

/** The sample key's private half, PKCS #8 in DER. */
function sampleKey(): Buffer {
  const { pkcs8DerBase64 } = load('transport-key.json') as { readonly pkcs8DerBase64: string };
  return Buffer.from(pkcs8DerBase64, 'base64');
}

function pem(der: Buffer): string {
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  return key.export({ format: 'pem', type: 'pkcs8' }).toString();
}

type Keep = (vault: LocalVault) => Promise<string>;
const KEEPERS: readonly (readonly [string, Keep])[] = [
  ['imported into KMS', (vault) => importRsaKey(vault, 'RSA_3072', sampleKey())],
  ['in Secrets Manager, in DER', (vault) => storeSecret(vault, { SecretBinary: sampleKey() })],
  ['in Secrets Manager, in PEM', (vault) => storeSecret(vault, { SecretString: pem(sampleKey()) })],
];

if (existsSync(SAMPLES))
  describe.each(KEEPERS)('deliveries of an independent implementation, their key %s', deliveries);
else test.todo('deliveries of an independent implementation are not tried: expected a folder of them, got none');

function deliveries(_where: string, keep: Keep): void {
  const expected = load('expected.json') as Expected;
  const logDir = logFolder();
  let vault: LocalVault;
  beforeAll(async () => {
    vault = await startPatientVault({ logDir });
    const aws = { endpoint: vault.url, region: vault.region, credentials: vault.credentials };
    const { secretArn: SecretId } = vault.webhook;
    await new SecretsManagerClient(aws).send(
      new PutSecretValueCommand({ SecretId, SecretString: expected.webhookSecret }),
    );
    await useWebhookKeys(vault, { [expected.kid]: await keep(vault) });
  });
  afterAll(() => vault.close());

  /** Posts the sample unchanged, with its own signature. */
  const deliver = (name: string): Promise<string> => {
    const { headers, body } = sampleOf(name);
    return codeOf(vault, Buffer.from(body), headers);
  };

  test('a recorded ping gets a response', async () => {
    expect(await deliver('ping')).toBe('200 Pong');
  });

  test.each(['evm', 'svm'])('the recorded created %s opens to exactly what was encrypted, and its revoked destroys it', async (chain) => {
    const wallet = expected.deliveries[`${chain}-created.json`];
    if (wallet === undefined) throw new Error('expected what the sample opens to, got none');

    expect(await deliver(`${chain}-created`)).toBe('200 Sealed');
    const opened = await unsealWallet(vault, wallet);
    const { records } = await vault.client('auditor').records(wallet);
    expect(opened.delegatedShare.equals(Buffer.from(wallet.delegatedShare))).toBe(true);
    expect(opened.walletApiKey.equals(Buffer.from(wallet.walletApiKey))).toBe(true);
    expect(records).toMatchObject([{ userId: wallet.userId, publicKey: wallet.publicKey }]);

    expect(await deliver(`${chain}-created`)).toBe('200 Duplicate');
    expect(await deliver(`${chain}-revoked`)).toBe('200 Destroyed');
    expect(await deliver(`${chain}-revoked`)).toBe('200 Duplicate');
    expect(await rowsOf(vault, wallet)).toMatchObject({ shares: 0, events: 2 });
    await expect(unsealWallet(vault, wallet)).rejects.toMatchObject({ code: 'Revoked' });
  }); // prettier-ignore

  test('no log holds a material of the recorded deliveries', () => {
    const created = [expected.deliveries['evm-created.json'], expected.deliveries['svm-created.json']];
    const texts = created.flatMap((wallet) => [wallet?.delegatedShare, wallet?.walletApiKey]);
    const materials = texts.map((text = '') => Buffer.from(text));
    const logs = readdirSync(logDir).map((file) => readFileSync(join(logDir, file)));

    expect(materials.every(({ length }) => length > 24)).toBe(true);
    expect(logs.length).toBeGreaterThan(2);
    expect(countSecrets(Buffer.concat(logs), materials)).toBe(0);
  });
}
