import { describe, expect, test } from '@jest/globals';
import { environmentTemplate } from '../../../support/environment-template';
import { unknownIn } from '../../../../local/audit/matrix/catalogue';
import { CONTROL_DOCUMENTS } from '../../../../local/audit/matrix/control-policies';
import { statementsIn } from '../../../../local/audit/matrix/statements';

describe.each([
  ['the template of dev', environmentTemplate('dev')],
  ['the template of staging', environmentTemplate('staging')],
  ['the template of prod', environmentTemplate('prod')],
  ['the sample service control policies', CONTROL_DOCUMENTS],
])('in %s', (_, document) => {
  test('every action and condition key exists', async () => {
    const statements = statementsIn(document);

    expect(statements.length).toBeGreaterThanOrEqual(10);
    expect((await Promise.all(statements.map(unknownIn))).flat()).toEqual([]);
  });
});

describe('what does not exist is found', () => {
  test.each([
    ['an action', { Action: ['kms:Decrypt', 'kms:Decipher'] }, 'kms:Decipher'],
    ['a pattern of actions', { Action: 'kms:Unwrap*' }, 'kms:Unwrap*'],
    ['a service', { Action: 'kmss:Decrypt' }, 'kmss:Decrypt'],
    ['an action that is left out', { NotAction: 'rds-db:conect' }, 'rds-db:conect'],
    [
      'a condition key',
      { Action: 'kms:Decrypt', Condition: { Bool: { 'aws:SecureTransprt': 'true' } } },
      'aws:SecureTransprt',
    ],
    [
      'the key of an encryption context',
      { Action: 'kms:Decrypt', Condition: { Null: { 'kms:EncryptionContxt:owner': 'false' } } },
      'kms:EncryptionContxt:owner',
    ],
    [
      'the key of another service',
      { Action: 'lambda:InvokeFunction', Condition: { StringEquals: { 'kms:ViaService': 'x' } } },
      'kms:ViaService',
    ],
  ])('%s', async (_, statement, unknown) => {
    expect(await unknownIn({ Effect: 'Allow', ...statement })).toEqual([unknown]);
  });
});
