import { describe, expect, test } from '@jest/globals';
import { cdkApp, testStack } from '../../../support/synth';
import { templateFile } from '../../../support/template-file';
import { testVault } from '../../../support/vault';
import { everyPolicy, leftovers, readStatements, writtenStatements } from './statements';
import { openTemplate } from './support';

describe('the template of a vault with a webhook', () => {
  const app = cdkApp();
  const { stack } = testVault({ webhook: {} }, testStack(undefined, app));
  const vault = openTemplate(templateFile(stack, app));
  const receive = vault.functions().find(({ name }) => name === 'share-vault-staging-receive');
  const [api] = vault.httpApis();

  test('has one route, to the alias of its function', () => {
    expect(vault.httpApis()).toHaveLength(1);
    expect(api?.routes).toMatchObject([
      {
        method: 'POST',
        path: '/webhooks/dynamic',
        authorization: 'NONE',
        integration: { function: receive?.logicalId, qualifier: 'live', type: 'AWS_PROXY', payloadFormat: '2.0' },
      },
    ]);
    expect(receive?.code.kind).toBe('folder');
  });

  test('throttles its route', () => {
    expect(api?.stages).toMatchObject([{ throttle: { burst: expect.any(Number), rate: expect.any(Number) } }]);
  });

  test('lets API Gateway invoke only that alias, only for that route', () => {
    const alias = `${receive?.arn}:live`;
    const [statement, ...others] = vault.functionPolicies().get(alias)?.Statement ?? [];

    expect(others).toEqual([]);
    expect(statement).toMatchObject({
      Effect: 'Allow',
      Principal: { Service: 'apigateway.amazonaws.com' },
      Action: 'lambda:InvokeFunction',
      Resource: alias,
      Condition: { ArnLike: { 'AWS:SourceArn': expect.stringContaining(`:${api?.id}/`) } },
    });
    expect(vault.functionPolicies().has(receive?.arn ?? '')).toBe(false);
  });

  test('has an empty secret that its function may read', () => {
    const arn = receive?.environment.SHARE_VAULT_WEBHOOK_SECRET_ARN;
    const reader = vault.roles().find(({ logicalId }) => logicalId === receive?.role);

    expect(vault.secrets().find((secret) => secret.arn === arn)?.content).toEqual({ kind: 'empty' });
    expect(JSON.stringify(reader?.policies)).toContain(`"${arn}"`);
    expect(vault.databaseUsers()).toContainEqual({
      role: receive?.role,
      user: 'vault_receiver',
      resourceId: vault.databases()[0]?.resourceId,
    });
  });

  test('keeps every statement, and resolves every reference in policies', () => {
    expect(readStatements(vault)).toHaveLength(writtenStatements(vault.resolver.template));
    expect(leftovers(everyPolicy(vault))).toEqual([]);
  });
});
