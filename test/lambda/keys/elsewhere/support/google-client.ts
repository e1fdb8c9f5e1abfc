/**
 * A process that uses a key by Google's own client, unmodified, which can't be loaded into a test: it imports modules while
 * it runs. The first line of its input is a `GoogleClientTask` as JSON. It responds with one line.
 */
import { createInterface } from 'node:readline';
import { KeyManagementServiceClient } from '@google-cloud/kms';
import { AwsClient, IdentityPoolClient } from 'google-auth-library';

export interface GoogleClientTask {
  readonly method: 'token' | 'signature';
  /** origins of Google's services */
  readonly urls: { readonly kms: string; readonly sts: string };
  /** origin of AWS STS */
  readonly awsStsUrl: string;
  readonly audience: string;
  /** of a file with a web identity token */
  readonly tokenFile: string;
  readonly key: string;
  /** bytes in base64, as all others */
  readonly additionalData: string;
  readonly plaintext: string;
  readonly plaintextCrc32c: number;
  readonly ciphertext: string;
}

export interface GoogleClientResult {
  /** of the task's plaintext */
  readonly ciphertext: string;
  /** whether Google compared the plaintext's checksum */
  readonly verified: boolean;
  /** of the task's ciphertext */
  readonly plaintext: string;
  readonly plaintextCrc32c: number;
  /** the error of the same ciphertext without its additional data */
  readonly refusal: string;
}

/** Log in by the credential files that Google's documentation describes. */
const LOGINS = {
  token: ({ audience, tokenFile, urls }: GoogleClientTask) =>
    new IdentityPoolClient({
      ...{ type: 'external_account', token_url: `${urls.sts}/v1/token`, audience },
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      credential_source: { file: tokenFile },
    }),
  signature: ({ audience, awsStsUrl, urls }: GoogleClientTask) =>
    new AwsClient({
      ...{ type: 'external_account', token_url: `${urls.sts}/v1/token`, audience },
      subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request',
      credential_source: {
        environment_id: 'aws1',
        regional_cred_verification_url: `${awsStsUrl}/?Action=GetCallerIdentity&Version=2011-06-15`,
      },
    }),
} as const;

async function act(task: GoogleClientTask): Promise<GoogleClientResult> {
  const { key: name, urls, method } = task;
  const client = new KeyManagementServiceClient({
    ...{ fallback: true, protocol: 'http', apiEndpoint: '127.0.0.1', port: Number(new URL(urls.kms).port) },
    ...{ authClient: LOGINS[method](task), projectId: 'vault-prod' },
  });
  const [plaintext, ciphertext, additionalAuthenticatedData] = [task.plaintext, task.ciphertext, task.additionalData].map((text) => Buffer.from(text, 'base64')); // prettier-ignore
  const [sealed] = await client.encrypt({ name, plaintext, additionalAuthenticatedData, plaintextCrc32c: { value: task.plaintextCrc32c } }); // prettier-ignore
  const [opened] = await client.decrypt({ name, ciphertext, additionalAuthenticatedData });
  const refused = await client.decrypt({ name, ciphertext }).catch((error: unknown) => error);
  await client.close();
  return {
    ciphertext: Buffer.from(sealed.ciphertext ?? '').toString('base64'),
    verified: sealed.verifiedPlaintextCrc32c === true,
    plaintext: Buffer.from(opened.plaintext ?? '').toString('base64'),
    plaintextCrc32c: Number(opened.plaintextCrc32c?.value),
    refusal: refused instanceof Error ? refused.message : 'none',
  };
}

createInterface({ input: process.stdin }).once('line', (line) => {
  act(JSON.parse(line) as GoogleClientTask).then(
    (result) => process.stdout.write(`${JSON.stringify(result)}\n`),
    (error: unknown) => process.stdout.write(`${JSON.stringify({ refusal: String(error) })}\n`),
  );
});
