import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, KMSServiceException } from '@aws-sdk/client-kms';
import * as v from 'valibot';
import { ENV } from '../../lambda/contract/variables';
import type { Deployed } from '../emulator/deploy';
import { endpointConfig } from './endpoint';
import { functionName } from './functions';

/** A public key to which senders encrypt, with the name (`kid`) that they use for it. */
export interface SenderKey {
  readonly kid: string;
  /** the ARN of the key in KMS */
  readonly arn: string;
  /** the public key, SPKI in PEM */
  readonly publicKey: string;
}

/** A variable of a function: the ARNs of keys by their names, as JSON. */
const KEY_ARNS = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string()));
const IN_KMS = /^arn:[^:]+:kms:/;

/** Returns the intake keys, to which callers encrypt materials. Omits keys that KMS refuses now. */
export function intakeKeys(deployed: Deployed, environment: string): Promise<readonly SenderKey[]> {
  return senderKeys(deployed, keyArnsOf(deployed, environment, 'seal'));
}

/** Returns the webhook keys in KMS, to which Dynamic encrypts materials. Omits keys that KMS refuses now. */
export function webhookKeys(deployed: Deployed, environment: string): Promise<readonly SenderKey[]> {
  return senderKeys(deployed, keyArnsOf(deployed, environment, 'receive'));
}

/** Returns the ARNs of the intake keys (`seal`) or of the webhook keys (`receive`) by their names. */
export function keyArnsOf(
  deployed: Pick<Deployed, 'variables'>,
  environment: string,
  key: 'seal' | 'receive',
): Readonly<Record<string, string>> {
  const name = key === 'seal' ? ENV.intakeKeys : ENV.webhookKeys;
  return v.parse(KEY_ARNS, deployed.variables(functionName(environment, key))[name] ?? '{}');
}

async function senderKeys(
  deployed: Deployed,
  keyArns: Readonly<Record<string, string>>,
): Promise<readonly SenderKey[]> {
  const kms = new KMSClient(endpointConfig(deployed));
  const inKms = Object.entries(keyArns).filter(([, arn]) => IN_KMS.test(arn));
  const keys = await Promise.all(inKms.map(([kid, arn]) => senderKey(kms, kid, arn)));
  return keys.flatMap((key) => key ?? []);
}

/** Returns a public key, or undefined if KMS refuses it, for example because the key is disabled. */
async function senderKey(kms: KMSClient, kid: string, arn: string): Promise<SenderKey | undefined> {
  try {
    return { kid, arn, publicKey: await publicKeyOf(kms, arn) };
  } catch (error) {
    if (error instanceof KMSServiceException) return undefined;
    throw error;
  }
}

async function publicKeyOf(kms: KMSClient, KeyId: string): Promise<string> {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }));
  const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
  return key.export({ format: 'pem', type: 'spki' }).toString();
}
