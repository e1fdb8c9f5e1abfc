import * as v from 'valibot';
import { type Operations, type Place, type ReadActions, NAME, readMembers } from './call';

const SECRET = v.object({
  SecretId: NAME,
  VersionId: v.optional(v.string()),
  VersionStage: v.optional(v.string()),
});
const NEW = v.object({ Name: NAME, KmsKeyId: v.optional(v.string()) });

export const secretsManagerOperations: Operations = {
  GetSecretValue: (input, place) => {
    const { SecretId, VersionId, VersionStage } = readMembers(SECRET, input);
    const [action] = onSecret('GetSecretValue')(input, place);
    const facts = { secretId: SecretId, secretVersionId: VersionId, secretVersionStage: VersionStage };
    return action === undefined ? [] : [{ ...action, facts }];
  },
  ...Object.fromEntries(
    ['DescribeSecret', 'PutSecretValue', 'UpdateSecret', 'DeleteSecret', 'ListSecretVersionIds'].map((operation) => [
      operation,
      onSecret(operation),
    ]),
  ),
  // a new secret has no ARN yet, so the name is used
  CreateSecret: (input, place) => {
    const { Name, KmsKeyId } = readMembers(NEW, input);
    const facts = { secretKmsKeyId: KmsKeyId };
    return [{ action: 'secretsmanager:CreateSecret', resource: arnOf(Name, place), facts }];
  },
  // it names no secret, so no policy can limit it to some
  ListSecrets: () => [{ action: 'secretsmanager:ListSecrets', resource: '*', facts: {} }],
};

function onSecret(operation: string): ReadActions {
  return (input, place) => {
    const { SecretId } = readMembers(SECRET, input);
    const resource = place.secretArnOf?.(SecretId) ?? (SecretId.startsWith('arn:') ? SecretId : arnOf(SecretId, place));
    return [{ action: `secretsmanager:${operation}`, resource, facts: { secretId: SecretId } }];
  };
}

function arnOf(name: string, { region, account }: Place): string {
  return `arn:aws:secretsmanager:${region}:${account}:secret:${name}`;
}
