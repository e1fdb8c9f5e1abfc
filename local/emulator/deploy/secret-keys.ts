import * as v from 'valibot';
import type { AwsAction } from '../authorization';
import type { LocalSecrets } from '../services/secrets';
import type { AccessRequest } from './authority';
import type { PolicyBook } from './policy-book';

/** The KMS actions that Secrets Manager calls for its caller, by the caller's action. */
const KEY_ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'secretsmanager:GetSecretValue': ['kms:Decrypt'],
  'secretsmanager:PutSecretValue': ['kms:GenerateDataKey', 'kms:Decrypt'],
};

/** Returns the KMS actions on the customer managed keys of secrets. The caller needs permission for them too. */
export function secretKeyActions(
  actions: readonly AwsAction[],
  book: PolicyBook,
  secrets: LocalSecrets,
): readonly Omit<AccessRequest, 'principal'>[] {
  return actions.flatMap(({ action, resource: SecretARN, facts }) => {
    const key = book.keyOfSecret(SecretARN);
    const wanted = KEY_ACTIONS[action];
    if (key === undefined || wanted === undefined) return [];
    const version = facts.secretVersionId ?? versionOf(secrets, SecretARN, facts.secretVersionStage);
    // a secret without a value needs no decryption
    if (version === undefined && action.endsWith('GetSecretValue')) return [];
    const encryptionContext = { SecretARN, SecretVersionId: version ?? 'new' };
    const of = { encryptionContext, encryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
    return wanted.map((name) => ({ action: name, resource: key, facts: of, viaService: 'secretsmanager' }));
  });
}

const DESCRIBED = v.object({ VersionIdsToStages: v.optional(v.record(v.string(), v.array(v.string()))) });

function versionOf(secrets: LocalSecrets, SecretId: string, stage = 'AWSCURRENT'): string | undefined {
  const described = secrets.handle({ operation: 'DescribeSecret', input: { SecretId }, accessKeyId: 'deployment' });
  const { VersionIdsToStages = {} } = v.parse(DESCRIBED, described);
  return Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes(stage))?.[0];
}
