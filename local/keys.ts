import { createPublicKey } from 'node:crypto';
import { CreateKeyCommand, EnableKeyRotationCommand, GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { writePrivately } from './aws/files';

/** A public key to which others encrypt, SPKI in PEM, under the name that they use for it. */
export interface SenderKey {
  readonly kid: string;
  readonly publicKey: string;
}

/** The keys of one vault on this machine. */
export interface VaultKeys {
  readonly shareKeyArn: string;
  readonly intakeKeyArn: string;
  readonly webhookKeyArn: string;
  /** what callers encrypt materials to */
  readonly intakeKey: SenderKey;
  /** what Dynamic encrypts materials to */
  readonly webhookKey: SenderKey;
}

export const INTAKE_KID = 'intake-1';
export const WEBHOOK_KID = 'webhook-1';
/** The shortest period that KMS rotates by. */
const ROTATION_DAYS = 90;

const KEY_ARNS = v.object({ shareKeyArn: v.string(), intakeKeyArn: v.string(), webhookKeyArn: v.string() });
type KeyArns = v.InferOutput<typeof KEY_ARNS>;

/**
 * The data folder's keys: which of the KMS's keys they are stands in `keys.json`. Those that are missing are made: all
 * at the first start, and later the ones that an older folder did not have.
 */
export async function openVaultKeys(dir: string, kms: KMSClient): Promise<VaultKeys> {
  const file = join(dir, 'keys.json');
  const known = existsSync(file) ? v.parse(v.partial(KEY_ARNS), JSON.parse(readFileSync(file, 'utf8'))) : {};
  const arns = await completeKeys(known, kms);
  writePrivately(file, Buffer.from(JSON.stringify(arns)));
  return {
    ...arns,
    intakeKey: { kid: INTAKE_KID, publicKey: await publicKeyOf(kms, arns.intakeKeyArn) },
    webhookKey: { kid: WEBHOOK_KID, publicKey: await publicKeyOf(kms, arns.webhookKeyArn) },
  };
}

async function completeKeys(known: Partial<KeyArns>, kms: KMSClient): Promise<KeyArns> {
  const [shareKeyArn, intakeKeyArn, webhookKeyArn] = await Promise.all([
    known.shareKeyArn ?? makeShareKey(kms),
    known.intakeKeyArn ?? makeRsaKey(kms, 'intake key'),
    known.webhookKeyArn ?? makeRsaKey(kms, 'webhook key'),
  ]);
  return { shareKeyArn, intakeKeyArn, webhookKeyArn };
}

async function makeShareKey(kms: KMSClient): Promise<string> {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'share key' }));
  const keyArn = KeyMetadata?.Arn ?? '';
  await kms.send(new EnableKeyRotationCommand({ KeyId: keyArn, RotationPeriodInDays: ROTATION_DAYS }));
  return keyArn;
}

async function makeRsaKey(kms: KMSClient, Description: string): Promise<string> {
  const spec = { KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT' } as const;
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description, ...spec }));
  return KeyMetadata?.Arn ?? '';
}

async function publicKeyOf(kms: KMSClient, KeyId: string): Promise<string> {
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }));
  const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
  return key.export({ format: 'pem', type: 'spki' }).toString();
}
