import { DescribeKeyCommand, GetKeyRotationStatusCommand, type KeyMetadata } from '@aws-sdk/client-kms';
import { type Finding, ok, problem, unknown, verdict } from './finding';
import { printable } from '../printable';
import { hasValue, read } from './read';
import { type Vault } from './vault';

/** The longest rotation period that the vault's default and FSBP KMS.4 agree on is a year; the default is 90 days. */
const ROTATION_LIMIT_DAYS = 365;

/** Checks the state of every key in AWS KMS, and the rotation of those that can rotate. */
export async function checkKeys(vault: Vault): Promise<readonly Finding[]> {
  const symmetric = [
    ...(vault.hasExternalShareKey ? [] : [{ name: 'share key', arn: vault.shareKeyArn }]),
    { name: 'storage key', arn: vault.storageKeyArn },
  ];
  const findings = symmetric.map(async ({ name, arn }) => {
    if (arn === undefined) return [unknown(`${name}: state`, "not in the unseal function's configuration")];
    return [await checkState(vault, name, arn, 'SYMMETRIC_DEFAULT'), await checkRotation(vault, name, arn)];
  });
  const rsa = rsaKeysOf(vault).map(async ({ name, arn }) => [await checkState(vault, name, arn, 'RSA_4096')]);
  return (await Promise.all([...findings, ...rsa])).flat();
}

/** The published RSA keys that are in KMS. */
export function rsaKeysOf({ published }: Vault): readonly { readonly name: string; readonly arn: string }[] {
  if (!hasValue(published)) return [];
  return published.value.flatMap(({ path, value }) => {
    const [, purpose, kid] = /^keys\/(intake|webhook)\/(.+)$/.exec(path) ?? [];
    if (purpose === undefined || kid === undefined || !value.includes(':kms:')) return [];
    return [{ name: printable(`${purpose} key ${kid}`), arn: value }];
  });
}

async function checkState({ clients }: Vault, name: string, arn: string, spec: string): Promise<Finding> {
  const check = `${name}: state`;
  const described = await read('kms:DescribeKey', () => clients.kms.send(new DescribeKeyCommand({ KeyId: arn })));
  if (!hasValue(described)) return unknown(check, described.reason);
  const metadata = described.value.KeyMetadata;
  const { KeyState = 'unknown', KeySpec = 'unknown' } = metadata ?? {};
  const found = printable(`${KeyState}, ${KeySpec}${deletionOf(metadata)}`);
  if (KeyState === 'PendingDeletion') return problem(check, found, `aws kms cancel-key-deletion --key-id ${arn}`);
  if (KeyState === 'Disabled') return problem(check, found, `aws kms enable-key --key-id ${arn}`);
  return verdict(check, KeyState === 'Enabled' && KeySpec === spec, found, `expected Enabled, ${spec}: deploy again`);
}

function deletionOf(metadata: KeyMetadata | undefined): string {
  return metadata?.DeletionDate === undefined ? '' : `, deleted on ${metadata.DeletionDate.toISOString().slice(0, 10)}`;
}

async function checkRotation({ clients }: Vault, name: string, arn: string): Promise<Finding> {
  const check = `${name}: rotation`;
  const call = () => clients.kms.send(new GetKeyRotationStatusCommand({ KeyId: arn }));
  const status = await read('kms:GetKeyRotationStatus', call);
  if (!hasValue(status)) return unknown(check, status.reason);
  const { KeyRotationEnabled, RotationPeriodInDays = ROTATION_LIMIT_DAYS, NextRotationDate } = status.value;
  if (KeyRotationEnabled !== true) return problem(check, 'off', `aws kms enable-key-rotation --key-id ${arn}`);
  const next = NextRotationDate === undefined ? '' : `, next on ${NextRotationDate.toISOString().slice(0, 10)}`;
  const found = `every ${RotationPeriodInDays} days${next}`;
  if (RotationPeriodInDays <= ROTATION_LIMIT_DAYS) return ok(check, found);
  return problem(check, found, 'set rotationPeriod to at most 365 days, and deploy');
}
