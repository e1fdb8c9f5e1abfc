import { describe, expect, test } from '@jest/globals';
import { VaultRefusal, createAwsLogin } from '../../../../../local/emulator/elsewhere/vault';

const ROLE = 'arn:aws:iam::111122223333:role/Unseal';
const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
const SERVER_ID = 'X-Vault-AWS-IAM-Server-ID';
const signedHeaders = (...names: readonly string[]): string => `AWS4-HMAC-SHA256 SignedHeaders=${names.join(';')}, Signature=0`; // prettier-ignore
const HEADERS = { [SERVER_ID]: 'vault.example', Authorization: signedHeaders('host', SERVER_ID.toLowerCase()) };

interface Attempt {
  readonly headers?: object;
  readonly body?: string;
  readonly role?: string;
  /** of the signer, as STS responds; undefined if STS refuses */
  readonly arn?: string | undefined;
}

/** Logs in at a role that is bound to `Unseal`. */
function login(attempt: Attempt = {}) {
  const { headers = HEADERS, body = BODY, role = 'unseal' } = attempt;
  const arn = 'arn' in attempt ? attempt.arn : 'arn:aws:sts::111122223333:assumed-role/Unseal/share-vault-dev-unseal';
  const method = createAwsLogin({
    roles: { unseal: { boundPrincipals: [ROLE], policies: ['decrypt'], ttl: 900 } },
    check: () => Promise.resolve(arn === undefined ? undefined : { arn, account: '111122223333' }),
    serverId: 'vault.example',
  });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return method.login({
    ...{ role, iam_http_request_method: 'POST', iam_request_url: base64('https://sts.amazonaws.com/') },
    ...{ iam_request_body: base64(body), iam_request_headers: base64(JSON.stringify(headers)) },
  });
}

describe('the login method aws of the local Vault', () => {
  test('gives a bound role its policies', async () => {
    await expect(login()).resolves.toMatchObject({ policies: ['decrypt'], ttl: 900 });
  });

  test.each<[string, Attempt, string]>([
    ['another role', { arn: 'arn:aws:sts::111122223333:assumed-role/Seal/x' }, 'does not belong to the role'],
    ['the same role of another account', { arn: 'arn:aws:sts::444455556666:assumed-role/Unseal/x' }, 'does not belong'],
    ['a request that STS refuses', { arn: undefined }, 'received error code 403 from STS'],
    ['an unknown role of Vault', { role: 'toString' }, 'entry for role "toString" not found'],
    ['a request for another server', { headers: { ...HEADERS, [SERVER_ID]: 'other' } }, 'expected "vault.example"'],
    ['a request without a server', { headers: { Authorization: HEADERS.Authorization } }, 'missing header'],
    [
      'a request whose server is not signed',
      { headers: { ...HEADERS, Authorization: signedHeaders('host') } },
      "header wasn't signed",
    ],
    ['another action', { body: 'Action=AssumeRole&Version=2011-06-15' }, 'only iam request body'],
    ['a further parameter', { body: `${BODY}&RoleArn=x` }, 'only iam request body'],
  ])('refuses %s', async (_what, attempt, message) => {
    const refused = login(attempt);

    await expect(refused).rejects.toThrow(VaultRefusal);
    await expect(refused).rejects.toMatchObject({ errors: [expect.stringContaining(message)] });
  });
});
