import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { writePrivately } from '../services/files';
import type { LocalKms } from '../services/kms';
import type { KeyPart, Skipped, StackTemplate } from '../template';
import type { PhysicalNames } from './physical';

const ARNS = v.record(v.string(), v.string());
const MADE = v.object({ KeyMetadata: v.object({ Arn: v.string() }) });
const SPECS: readonly string[] = ['SYMMETRIC_DEFAULT', 'RSA_2048', 'RSA_3072', 'RSA_4096'];

/**
 * Creates the template's keys, once for a data folder: `template-keys.json` stores their ARNs by logical id. Returns
 * the keys of unsupported kinds.
 *
 * @param dir the KMS's folder
 */
export async function createKeys(
  template: StackTemplate,
  kms: LocalKms,
  names: PhysicalNames,
  dir: string,
): Promise<readonly Skipped[]> {
  const file = join(dir, 'template-keys.json');
  const known = knownKeys(file);
  const [made, others] = [template.keys().filter(isSupported), template.keys().filter((key) => !isSupported(key))];
  const arns = await Promise.all(
    made.map(async (key) => [key.logicalId, known[key.logicalId] ?? (await make(kms, key))] as const),
  );
  for (const [logicalId, Arn] of arns) {
    const KeyId = Arn.slice(Arn.lastIndexOf('/') + 1);
    names.set(logicalId, { '': KeyId, KeyId, Arn });
  }
  writePrivately(file, Buffer.from(JSON.stringify({ ...known, ...Object.fromEntries(arns) })));
  for (const { name, target, key } of template.keyAliases()) if (key !== undefined) kms.alias(name, target);
  return others.map(({ logicalId, spec }) => ({ type: `AWS::KMS::Key of ${spec}`, logicalId }));
}

/** Returns the ARNs of a data folder's keys by logical id; empty if it has none yet. */
function knownKeys(file: string): Readonly<Record<string, string>> {
  return existsSync(file) ? v.parse(ARNS, JSON.parse(readFileSync(file, 'utf8'))) : {};
}

function isSupported({ spec, usage }: KeyPart): boolean {
  return SPECS.includes(spec) && usage === 'ENCRYPT_DECRYPT';
}

async function make(kms: LocalKms, { spec, usage, description, rotationDays, enabled }: KeyPart): Promise<string> {
  const call = async (operation: string, input: object): Promise<object> =>
    kms.handle({ operation, input, accessKeyId: 'deployment' });
  const made = await call('CreateKey', { KeySpec: spec, KeyUsage: usage, Description: description });
  const { Arn: KeyId } = v.parse(MADE, made).KeyMetadata;
  if (rotationDays !== undefined) await call('EnableKeyRotation', { KeyId, RotationPeriodInDays: rotationDays });
  if (!enabled) await call('DisableKey', { KeyId });
  return KeyId;
}

/** Records the ARNs of a data folder's keys, for a template that is read but not deployed. */
export function nameKnownKeys(names: PhysicalNames, dir: string): void {
  for (const [logicalId, Arn] of Object.entries(knownKeys(join(dir, 'template-keys.json')))) {
    const KeyId = Arn.slice(Arn.lastIndexOf('/') + 1);
    names.set(logicalId, { '': KeyId, KeyId, Arn });
  }
}
