import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { AttemptHandler, RETRIES } from '../invocation/attempt';
import { deadlineIn } from '../invocation/deadline';
import { VaultError } from '../contract/errors';

/** Limit of reading the secret, in milliseconds; below that of an attempt to connect, given up without a message. */
const READ_MS = 2_400;

/**
 * A login with the password of a secret as RDS keeps it, JSON with `username` and `password`; read at each attempt to
 * connect, since Secrets Manager may rotate it meanwhile. Throws `Misconfigured` if it is another user's,
 * `StoreUnavailable` if it can't be read.
 */
export function secretPassword(login: { readonly secretArn: string; readonly user: string }): () => Promise<string> {
  const client = new SecretsManagerClient({ ...RETRIES, requestHandler: new AttemptHandler() });
  return async () => {
    const { username, password } = await readSecret(client, login.secretArn);
    if (username !== login.user) {
      throw new VaultError('Misconfigured', "expected the database user's own secret, got another user's");
    }
    return password;
  };
}

async function readSecret(
  client: SecretsManagerClient,
  SecretId: string,
): Promise<{ username: string; password: string }> {
  try {
    const { signal: abortSignal } = deadlineIn(READ_MS);
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }), { abortSignal });
    const secret: unknown = JSON.parse(SecretString);
    if (!isLogin(secret)) throw new TypeError('expected username and password');
    return secret;
  } catch (error) {
    // the parser's message quotes the text: it is kept as the cause only, which is never printed
    throw new VaultError('StoreUnavailable', 'expected the secret of the database user, got none', { cause: error });
  }
}

function isLogin(value: unknown): value is { username: string; password: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['username', 'password'].every((name) => typeof Reflect.get(value, name) === 'string')
  );
}
