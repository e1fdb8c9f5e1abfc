import { secretVersions } from '../webhook/secret-versions';
import { SigningSecret } from '../webhook/signing-secret';
import type { Settings } from './settings';
import { createAwsKmsRsaKey } from '../keys/aws-kms-rsa';
import type { RsaKey } from '../keys/provider';
import { createSecretRsaKey } from '../keys/secret-rsa';

/** The functions' parts, created from their settings. */

export function createIntakeKeys(settings: Pick<Settings, 'intakeKeys'>): ReadonlyMap<string, RsaKey> {
  return new Map([...settings.intakeKeys].map(([kid, keyArn]) => [kid, createAwsKmsRsaKey({ keyArn })]));
}

/** By kid, in the order of the setting: if no kid decides, keys are tried in this order. */
export function createWebhookKeys(settings: Pick<Settings, 'webhookKeys'>): ReadonlyMap<string, RsaKey> {
  return new Map([...settings.webhookKeys].map(([kid, arn]) => [kid, createWebhookKey(arn)]));
}

/** A key in KMS, or a private key that existed before the vault. */
function createWebhookKey(arn: string): RsaKey {
  return arn.split(':')[2] === 'secretsmanager'
    ? createSecretRsaKey({ secretArn: arn })
    : createAwsKmsRsaKey({ keyArn: arn });
}

export function createSigningSecret(settings: Pick<Settings, 'webhookSecretArn'>): SigningSecret {
  return new SigningSecret(secretVersions(settings.webhookSecretArn));
}
