import type { Check } from './finding';
import { at, list, members, ofType } from './template';

/** SecretsManager.4: under the vault's own key. */
export const secretsHaveTheOwnKey: Check = (template) =>
  ofType(template, 'AWS::SecretsManager::Secret')
    .filter(({ properties }) => at(properties, 'KmsKeyId') !== '${VaultStorageKey.Arn}')
    .map(({ id }) => ({ resource: id, problem: 'expected the storage key, got another or none' }));

/** With a generated value the vault would refuse every delivery; a value in the template would be no secret. */
export const secretsBeginEmpty: Check = (template) =>
  ofType(template, 'AWS::SecretsManager::Secret').flatMap(({ id, properties }) =>
    ['GenerateSecretString', 'SecretString']
      .filter((name) => at(properties, name) !== undefined)
      .map((name) => ({ resource: id, problem: `expected a secret without a value, got ${name}` })),
  );

/** Roles of this account read secrets by their own policies: no resource policy and no replica gives further access. */
export const secretsOpenNoOtherWay: Check = (template) => [
  ...ofType(template, 'AWS::SecretsManager::ResourcePolicy').map(({ id }) => ({
    resource: id,
    problem: 'expected secrets without a policy of their own, got one',
  })),
  ...ofType(template, 'AWS::SecretsManager::Secret')
    .filter(({ properties }) => list(at(properties, 'ReplicaRegions')).length > 0)
    .map(({ id }) => ({ resource: id, problem: 'expected a secret of one region, got replicas' })),
];

/** A template and a function's variables hold a secret's ARN at most. */
export const variablesHoldNoSecret: Check = (template) =>
  ofType(template, 'AWS::Lambda::Function').flatMap(({ id, properties }) =>
    members(at(properties, 'Environment', 'Variables'))
      .filter(
        ([name, value]) => /PASSWORD|TOKEN|PRIVATE/.test(name) || String(value).includes('resolve:secretsmanager'),
      )
      .map(([name]) => ({ resource: id, problem: `expected no secret among its variables, got ${name}` })),
  );
