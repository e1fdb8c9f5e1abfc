import { describe, expect, test } from '@jest/globals';
import { proxyLogsNoStatement, proxyRequiresIam, proxyRequiresTls } from '../../../local/audit/checks/database';
import { readTemplate } from '../../../local/audit/checks/template';

const GOOD = { RequireTLS: true, DefaultAuthScheme: 'IAM_AUTH', DebugLogging: false };
const withProxy = (changes: object) =>
  readTemplate('prod', {
    Resources: { VaultDatabaseProxy: { Type: 'AWS::RDS::DBProxy', Properties: { ...GOOD, ...changes } } },
  });

describe('a proxy', () => {
  test('with TLS and IAM required and without debug logging has no problem', () => {
    for (const check of [proxyRequiresTls, proxyRequiresIam, proxyLogsNoStatement]) {
      expect(check(withProxy({}))).toEqual([]);
    }
  });

  test.each([
    ['without TLS', proxyRequiresTls, { RequireTLS: false }],
    ['with a default for TLS', proxyRequiresTls, { RequireTLS: undefined }],
    ['without IAM', proxyRequiresIam, { DefaultAuthScheme: 'NONE' }],
    ['with secrets of database users', proxyRequiresIam, { Auth: [{ SecretArn: 'secret', IAMAuth: 'DISABLED' }] }],
    ['that logs statements', proxyLogsNoStatement, { DebugLogging: true }],
  ])('%s is reported', (_how, check, changes) => {
    expect(check(withProxy(changes))).toHaveLength(1);
  });
});
