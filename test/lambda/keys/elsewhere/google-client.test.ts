import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyManagementServiceClient } from '@google-cloud/kms';
import { AwsClient, IdentityPoolClient } from 'google-auth-library';
import { createGoogleCloudKmsKey } from '../../../../lambda/keys/elsewhere/google-cloud-kms';
import { encodeContext } from '../../../../lambda/message';
import { crc32c } from '../../../../lambda/remote/crc';
import { getWebIdentityToken } from '../../../../lambda/remote/web-identity';
import { AUDIENCES, GoogleFixture, KEY } from '../../../local/emulator/elsewhere/google/support';
import { describeKey } from './google-support';

const CONTEXT = new Map([
  ['environment', 'dev'],
  ['field', 'delegated_share'],
]);
const soon = () => AbortSignal.timeout(20_000);

/** Log in by the credential files that Google's documentation describes. */
const LOGINS = {
  token: (token_url: string, _fixture: GoogleFixture, file: string) =>
    new IdentityPoolClient({
      ...{ type: 'external_account', token_url, audience: AUDIENCES.token, credential_source: { file } },
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    }),
  signature: (token_url: string, { stsUrl }: GoogleFixture) =>
    new AwsClient({
      ...{ type: 'external_account', token_url, audience: AUDIENCES.signature },
      subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
      credential_source: {
        environment_id: 'aws1',
        regional_cred_verification_url: `${stsUrl}/?Action=GetCallerIdentity&Version=2011-06-15`,
      },
    }),
} as const;

describe.each(['token', 'signature'] as const)("Google's own client, unmodified, with a %s", (method) => {
  let fixture = new GoogleFixture();
  let client: KeyManagementServiceClient;
  let dir = '';

  beforeEach(async () => {
    fixture = await new GoogleFixture().start();
    dir = mkdtempSync(join(tmpdir(), 'share-vault-google-'));
    const file = join(dir, 'token');
    writeFileSync(file, await getWebIdentityToken(AUDIENCES.token, soon()));
    client = new KeyManagementServiceClient({
      ...{ fallback: true, protocol: 'http', apiEndpoint: '127.0.0.1', port: Number(new URL(fixture.urls.kms).port) },
      authClient: LOGINS[method](`${fixture.urls.sts}/v1/token`, fixture, file),
      projectId: 'vault-prod',
    });
  });
  afterEach(async () => {
    await client.close();
    await fixture.close();
    rmSync(dir, { recursive: true });
  });

  const key = () => createGoogleCloudKmsKey(describeKey({ method }), fixture.urls);
  const additionalAuthenticatedData = encodeContext(CONTEXT);

  test('opens a data key that the vault wrapped', async () => {
    const { plaintext, wrapped } = await key().wrapNewDataKey(CONTEXT, soon());

    const ciphertext = wrapped[0]?.ciphertext;
    const [opened] = await client.decrypt({ name: KEY, ciphertext, additionalAuthenticatedData });

    expect(Buffer.from(opened.plaintext ?? '')).toEqual(plaintext);
    expect(Number(opened.plaintextCrc32c?.value)).toBe(crc32c(plaintext));
  });

  test('wraps a data key that the vault opens', async () => {
    const dataKey = randomBytes(32);

    const [{ ciphertext, ...response }] = await client.encrypt({
      ...{ name: KEY, plaintext: dataKey, plaintextCrc32c: { value: crc32c(dataKey) } },
      additionalAuthenticatedData,
    });
    const wrapped = {
      providerId: 'gcp-kms',
      providerInfo: Buffer.from(KEY),
      ciphertext: Buffer.from(ciphertext ?? ''),
    };

    expect(response.verifiedPlaintextCrc32c).toBe(true);
    expect(await key().unwrapDataKey([wrapped], CONTEXT, soon())).toEqual(dataKey);
  });

  test('opens nothing under another context', async () => {
    const { wrapped } = await key().wrapNewDataKey(CONTEXT, soon());

    const asked = client.decrypt({ name: KEY, ciphertext: wrapped[0]?.ciphertext });

    await expect(asked).rejects.toThrow(/Decryption failed/);
  });
});
