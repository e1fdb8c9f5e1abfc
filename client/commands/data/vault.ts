import { LambdaClient } from '@aws-sdk/client-lambda';
import { ShareVaultClient } from '../../client';
import { ATTEMPT_TIMEOUT_MS, type FunctionKey } from '../../options';
import { clientConfig } from '../client-config';
import type { Context, Values } from '../command';
import { fetchPublicKey, isSecret, publishedKeys } from '../rsa-keys';
import { failureOf } from './failure';
import { actorOf } from './options';

/** A function of a vault, by the end of the name that a deployed vault gives it. */
export type Operation = FunctionKey;

/**
 * Calls a vault as the actor of the command line. Throws `CommandFailure` and `UsageError` for what the client throws.
 *
 * @param operation - the function that is called; `seal` needs an intake key
 */
export async function withVault<T>(
  context: Context,
  values: Values,
  operation: Operation,
  use: (vault: ShareVaultClient) => Promise<T>,
): Promise<T> {
  const { environment, region } = context;
  const actor = actorOf(context, values);
  const intakeKeys = operation === 'seal' ? await newestIntakeKey(context) : [];
  // the typed client retries, and limits an attempt as a whole: a database that resumes takes longer than other services
  const lambda = new LambdaClient(clientConfig(region, { requestTimeout: ATTEMPT_TIMEOUT_MS, maxAttempts: 1 }));
  try {
    const functions = { [operation]: `share-vault-${environment}-${operation}` };
    return await use(new ShareVaultClient({ environment, actor, functions, intakeKeys, lambda }));
  } catch (error) {
    throw failureOf(error, operation);
  } finally {
    lambda.destroy();
  }
}

async function newestIntakeKey(context: Context) {
  const keys = await publishedKeys(context, 'intake', undefined);
  const newest = keys.findLast((key) => !isSecret(key));
  if (newest === undefined) return [];
  const { publicKey } = await fetchPublicKey(newest, context);
  return [{ kid: newest.kid, publicKey }];
}
