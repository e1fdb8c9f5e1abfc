import { createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { OAEP } from '../../../lambda/contract/encrypt';
import { type ContextName, FIELDS } from '../../../lambda/contract/kinds';
import { parseObject } from '../json';
import { rsaKeysOf } from './check-keys';
import { type Finding, ok, problem, unknown } from './finding';
import { readBody } from '../bounded';
import { printable } from '../printable';
import { hasValue, isDenied, read } from './read';
import { type Vault, functionNameOf, publishedAt } from './vault';

const REVIEW = 'compare the key policy with the template, and find out who changed it (CloudTrail: PutKeyPolicy)';

/** Tries the calls that every caller must be refused. Nothing is encrypted, opened or changed. */
export async function checkRefusals(vault: Vault): Promise<readonly Finding[]> {
  return (await Promise.all([tryShareKey(vault), tryRsaKeys(vault), tryUnqualified(vault), tryUnsigned(vault)])).flat();
}

/** KMS decides a dry run as it would the call, and ends it in `DryRunOperationException` if it would have succeeded. */
async function tryShareKey({
  clients: { kms },
  shareKeyArn,
  hasExternalShareKey,
  environment,
}: Vault): Promise<readonly Finding[]> {
  if (hasExternalShareKey) return [];
  if (shareKeyArn === undefined) return [unknown('refused: use the share key', 'its ARN can not be read')];
  const common = { KeyId: shareKeyArn, EncryptionContext: contextOf(environment), DryRun: true };
  const tries = {
    Encrypt: () => kms.send(new EncryptCommand({ ...common, Plaintext: randomBytes(1) })),
    GenerateDataKey: () => kms.send(new GenerateDataKeyCommand({ ...common, KeySpec: 'AES_256' })),
    // no caller can make a ciphertext of this key, so KMS may refuse these bytes before it decides
    Decrypt: () => kms.send(new DecryptCommand({ ...common, CiphertextBlob: randomBytes(184) })),
  };
  return Promise.all(
    Object.entries(tries).map(([operation, call]) => tryKey(`share key: ${operation}`, operation, call)),
  );
}

/** The context of a record as sealing writes it, with made-up values. */
function contextOf(environment: string): Record<ContextName, string> {
  return {
    environment,
    record: '00000000-0000-4000-8000-000000000000',
    field: FIELDS.delegatedShare,
    chain: 'EVM',
    owner: randomBytes(32).toString('base64url'),
  };
}

async function tryRsaKeys(vault: Vault): Promise<readonly Finding[]> {
  return Promise.all(rsaKeysOf(vault).map(({ name, arn }) => tryRsaKey(vault, name, arn)));
}

/** Anyone who may read the public key can make a ciphertext; only the function's role may open it. */
async function tryRsaKey({ clients: { kms } }: Vault, name: string, KeyId: string): Promise<Finding> {
  const published = await read('kms:GetPublicKey', () => kms.send(new GetPublicKeyCommand({ KeyId })));
  if (!hasValue(published)) return unknown(`refused: ${name}: Decrypt`, published.reason);
  const CiphertextBlob = encryptTo(published.value.PublicKey);
  if (CiphertextBlob === undefined)
    return unknown(`refused: ${name}: Decrypt`, 'its public half is none of an RSA key');
  const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256';
  return tryKey(`${name}: Decrypt`, 'Decrypt', () =>
    kms.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm, DryRun: true })),
  );
}

/** Encrypts random bytes to a public key; undefined if it is none of an RSA key, as a parameter may name any key. */
function encryptTo(spki: Uint8Array = new Uint8Array()): Buffer | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return publicEncrypt({ key, ...OAEP }, randomBytes(32));
  } catch {
    return undefined;
  }
}

async function tryKey(what: string, operation: string, call: () => Promise<unknown>): Promise<Finding> {
  const check = `refused: ${what}`;
  const tried = await read(`kms:${operation}`, call);
  if (hasValue(tried) || tried.error === 'DryRunOperationException') return problem(check, 'allowed', REVIEW);
  if (isDenied(tried.error)) return ok(check, 'AccessDenied');
  return unknown(check, printable(tried.error === 'InvalidCiphertextException' ? tried.error : tried.reason));
}

/** A call without an actor is refused by IAM or by the function. It raises the alarm on tampering, as it should. */
async function tryUnqualified({ clients: { lambda }, environment }: Vault): Promise<readonly Finding[]> {
  const check = 'refused: a call without an actor';
  const FunctionName = functionNameOf(environment, 'audit');
  const call = () => lambda.send(new InvokeCommand({ FunctionName, Payload: Buffer.from('{}') }));
  const tried = await read('lambda:InvokeFunction', call);
  if (!hasValue(tried)) return [isDenied(tried.error) ? ok(check, 'AccessDenied') : unknown(check, tried.reason)];
  const { FunctionError, Payload = new Uint8Array() } = tried.value;
  const { errorType } = parseObject(Buffer.from(Payload).toString());
  if (FunctionError !== undefined && errorType === 'ActorRequired') return [ok(check, 'ActorRequired')];
  const found = FunctionError === undefined ? 'answered' : printable(`failed otherwise: ${String(errorType)}`);
  return [problem(check, found, 'deploy again: the code of the function is not the one of this library')];
}

const RESPONSE_LIMIT_MS = 30_000;
/** The vault's codes for an unsigned delivery; the second, if the signing secret is still empty. */
const UNSIGNED = ['SignatureMismatch', 'SecretUnavailable'];

/** The status shows little: API Gateway returns 503 by itself for a function that fails, and another authorizer 401. */
async function tryUnsigned(vault: Vault): Promise<readonly Finding[]> {
  const url = publishedAt(vault, 'webhook/url')?.value;
  if (url === undefined) return [];
  const check = 'refused: an unsigned delivery';
  const tried = await read('POST', () => postUnsigned(url));
  if (!hasValue(tried)) return [unknown(check, 'the webhook is out of reach from here')];
  const { status, code } = tried.value;
  if (UNSIGNED.some((known) => known === code)) return [ok(check, `answered ${status}`)];
  if (code === undefined && [401, 403, 429, 500, 502, 503, 504].includes(status)) {
    return [unknown(check, `answered ${status}, but not by the vault: see the log of the function receive`)];
  }
  return [problem(check, `answered ${status}, expected 401`, 'compare the API and its function with the template')];
}

async function postUnsigned(url: string): Promise<{ readonly status: number; readonly code: unknown }> {
  const signal = AbortSignal.timeout(RESPONSE_LIMIT_MS);
  const response = await fetch(url, { method: 'POST', body: '{}', redirect: 'manual', signal });
  return { status: response.status, code: parseObject(await readBody(response.body)).code };
}
