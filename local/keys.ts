import { createPublicKey } from 'node:crypto';
import { CreateKeyCommand, EnableKeyRotationCommand, GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The keys of one vault on this machine. */
export interface VaultKeys {
  readonly shareKeyArn: string;
  readonly intakeKeyArn: string;
  /** what callers encrypt materials to */
  readonly intakeKey: { readonly kid: string; readonly publicKey: string };
}

export const INTAKE_KID = 'intake-1';
/** The shortest period that KMS rotates by. */
const ROTATION_DAYS = 90;

/** The data folder's keys, made at its first start: which of the KMS's keys they are stands in `keys.json`. */
export async function openVaultKeys(dir: string, kms: KMSClient): Promise<VaultKeys> {
  const file = join(dir, 'keys.json');
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(await makeKeys(kms)), { mode: 0o600 });
  const { shareKeyArn, intakeKeyArn } = JSON.parse(readFileSync(file, 'utf8')) as Awaited<ReturnType<typeof makeKeys>>;
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: intakeKeyArn }));
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
  const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
  return { shareKeyArn, intakeKeyArn, intakeKey: { kid: INTAKE_KID, publicKey: pem } };
}

async function makeKeys(kms: KMSClient): Promise<{ readonly shareKeyArn: string; readonly intakeKeyArn: string }> {
  const share = await kms.send(new CreateKeyCommand({ Description: 'share key' }));
  const shareKeyArn = share.KeyMetadata?.Arn ?? '';
  await kms.send(new EnableKeyRotationCommand({ KeyId: shareKeyArn, RotationPeriodInDays: ROTATION_DAYS }));
  const intake = await kms.send(
    new CreateKeyCommand({ Description: 'intake key', KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT' }),
  );
  return { shareKeyArn, intakeKeyArn: intake.KeyMetadata?.Arn ?? '' };
}
