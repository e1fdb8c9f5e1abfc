import { describe, expect, test } from '@jest/globals';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import { ENV } from '../../lambda/contract/variables';
import { readEnv } from '../../lambda/invocation/settings';
import type { ShareVault } from '../../lib/share-vault';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import type { Webhook } from '../../lib/webhook';
import type { WebhookOptions } from '../../lib/webhook-options';
import { plain } from '../../local/audit/plain';
import { propertiesOf, valuesOf } from '../support/resources';
import { actionsOf, allowing, statementsOf } from '../support/statements';
import { testVault } from '../support/vault';
import { DATABASE_SETTINGS, deployedVariables } from './handler-settings';

const ROLE = 'VaultWebhookFunctionRole';
const CERTIFICATE = 'arn:aws:acm:eu-west-1:111111111111:certificate/018f0000-0000-7000-8000-000000000000';
const SECRET = '${VaultWebhookSigningSecret}';
const ALIAS = 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:share-vault-staging-receive:live';

function vaultWithWebhook(webhook: WebhookOptions = {}, props: Partial<ShareVaultProps> = {}) {
  return testVault({ webhook, ...props });
}

function webhookOf(vault: ShareVault): Webhook {
  if (!vault.webhook) throw new Error('expected a vault with a webhook, got one without');
  return vault.webhook;
}

function variables(template: Template): Record<string, string> {
  const [receive] = propertiesOf(template, 'AWS::Lambda::Function', 'VaultWebhook').values();
  return (plain(receive?.Environment) as { readonly Variables: Record<string, string> }).Variables;
}

const template = vaultWithWebhook().template();

describe('a vault', () => {
  test('has no webhook by default', () => {
    const { vault, template: without } = testVault();

    expect(vault.webhook).toBeUndefined();
    for (const type of ['AWS::ApiGatewayV2::Api', 'AWS::SecretsManager::Secret']) without().resourceCountIs(type, 0);
  });
});

describe("the webhook's API", () => {
  test('has one route and no other way in', () => {
    expect(valuesOf(template, 'AWS::ApiGatewayV2::Route', 'RouteKey')).toEqual(['POST /webhooks/dynamic']);
    template.resourceCountIs('AWS::ApiGatewayV2::Integration', 1);
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      ProtocolType: 'HTTP',
      CorsConfiguration: Match.absent(),
    });
  });

  test('passes deliveries unchanged to one alias', () => {
    const [integration] = propertiesOf(template, 'AWS::ApiGatewayV2::Integration').values();

    expect(plain(integration)).toEqual({
      ApiId: '${VaultWebhookApi}',
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: ALIAS,
      PayloadFormatVersion: '2.0',
    });
  });

  test.each([
    ['by default', {}, 50, 100],
    ['as chosen', { throttleRate: 7, throttleBurst: 9 }, 7, 9],
  ])('is throttled %s', (_what, webhook, ThrottlingRateLimit, ThrottlingBurstLimit) => {
    vaultWithWebhook(webhook).template().hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit, ThrottlingBurstLimit },
    });
  });

  test('logs each request to a log of its own, without body or header', () => {
    const [stage] = propertiesOf(template, 'AWS::ApiGatewayV2::Stage').values();
    const { DestinationArn, Format } = plain(stage?.AccessLogSettings) as Record<string, string>;

    expect(DestinationArn).toBe('${VaultWebhookAccessLog.Arn}');
    expect(Object.values(JSON.parse(Format ?? '') as object).sort()).toEqual(
      [
        'awsEndpointRequestId',
        'error.message',
        'identity.sourceIp',
        'integrationErrorMessage',
        'integrationLatency',
        'integrationStatus',
        'requestId',
        'requestTime',
        'responseLatency',
        'responseLength',
        'routeKey',
        'status',
      ].map((name) => `$context.${name}`),
    );
  });

  test('is the only one that may invoke the alias, by that route', () => {
    const permissions = propertiesOf(template, 'AWS::Lambda::Permission', 'VaultWebhook');

    expect([...permissions.values()].map(plain)).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: ALIAS,
        Principal: 'apigateway.amazonaws.com',
        SourceArn:
          'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${VaultWebhookApi}/*/POST/webhooks/dynamic',
      },
    ]);
  });

  test('accepts a domain of the user', () => {
    const { stack, vault, template: made } = vaultWithWebhook();
    const certificate = acm.Certificate.fromCertificateArn(stack, 'Certificate', CERTIFICATE);
    const domainName = new apigateway.DomainName(stack, 'Domain', { domainName: 'hooks.example.com', certificate });

    const { api, stage } = webhookOf(vault);
    new apigateway.ApiMapping(stack, 'Mapping', { api, stage, domainName });

    made().hasResourceProperties('AWS::ApiGatewayV2::ApiMapping', {
      ApiId: { Ref: Match.stringLikeRegexp('^VaultWebhookApi') },
      Stage: '$default',
    });
  });

  test('is published with its secret under the parameters that the command line reads', () => {
    const parameters = [...propertiesOf(template, 'AWS::SSM::Parameter').values()].map(({ Name, Value }) => [
      Name,
      plain(Value),
    ]);

    expect(parameters).toEqual(
      expect.arrayContaining([
        ['/share-vault/staging/webhook/url', '${VaultWebhookApi.ApiEndpoint}/webhooks/dynamic'],
        ['/share-vault/staging/webhook/secret', SECRET],
      ]),
    );
  });
});

describe('the signing secret', () => {
  test('is empty at first, under the storage key, and outlives its stack', () => {
    template.hasResource('AWS::SecretsManager::Secret', {
      Properties: {
        Name: { 'Fn::Join': ['', Match.arrayWith(['share-vault/staging/webhook-signing-secret-'])] },
        KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^VaultStorageKey'), 'Arn'] },
        GenerateSecretString: Match.absent(),
        SecretString: Match.absent(),
      },
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  test('is deleted with its stack if the vault has DESTROY', () => {
    vaultWithWebhook({}, { removalPolicy: RemovalPolicy.DESTROY })
      .template()
      .hasResource('AWS::SecretsManager::Secret', { DeletionPolicy: 'Delete' });
  });
});

describe('the function receive', () => {
  test('has the variables that its handler reads, and may read the secrets in them', () => {
    const found = deployed(variables(template));
    const settings = [
      'environment',
      'shareKeyArn',
      'webhookKeys',
      'webhookSecretArn',
      'webhookBudgetMs',
      ...DATABASE_SETTINGS,
    ] as const;

    expect(readEnv(settings, found)).toMatchObject({ dbUser: 'vault_receiver', dbAuth: 'iam', webhookBudgetMs: 3_000 });
    expect(Object.keys(found).sort()).toEqual(
      [...settings.map((each) => ENV[each]), ENV.actors, ENV.dbGeneration].sort(),
    );
  });

  test.each([
    ['3 s by default, and is given a second more', {}, {}, 3_000, 4],
    ['25 s if the database may pause', {}, { minCapacity: 0 }, 25_000, 26],
    ['as chosen, fractions too', { responseTimeout: Duration.millis(2_500) }, { minCapacity: 0 }, 2_500, 3],
    ['29 s at most, as long as an HTTP API waits', { responseTimeout: Duration.seconds(29) }, {}, 29_000, 30],
  ])('responds within %s', (_what, webhook, props, budget, timeout) => {
    const made = vaultWithWebhook(webhook, props).template();

    expect(variables(made)[ENV.webhookBudgetMs]).toBe(String(budget));
    made.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'share-vault-staging-receive',
      Timeout: timeout,
    });
  });

  test('serves after the migration, by one alias that is never tried again', () => {
    const [trigger = ''] = Object.keys(template.findResources('Custom::Trigger'));

    template.hasResource('AWS::Lambda::Alias', { Properties: { Name: 'live' }, DependsOn: Match.arrayWith([trigger]) });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: Match.stringLikeRegexp('^VaultWebhookFunction') },
      Qualifier: Match.not('$LATEST'),
      MaximumRetryAttempts: 0,
      DestinationConfig: Match.absent(),
    });
  });

  test('accepts no event source, no URL and no destination', () => {
    const { _function: receive } = webhookOf(vaultWithWebhook().vault).receive;

    expect(() => receive.addEventSource({ bind: () => undefined })).toThrow('event sources');
    expect(() => receive.addFunctionUrl()).toThrow('without a URL');
    expect(() => receive.configureAsyncInvoke({ retryAttempts: 2 })).toThrow('already been configured');
  });

  test('may open with the webhook key, wrap with the share key, read one secret and log in as one user', () => {
    const statements = statementsOf(template, 'AWS::IAM::ManagedPolicy', ROLE);
    const secretsManager = 'secretsmanager.${AWS::Region}.amazonaws.com';

    expect(allowing(statements, 'kms:Decrypt')).toEqual([
      expect.objectContaining({
        Resource: '${VaultStorageKey.Arn}',
        Condition: {
          StringEquals: { 'kms:EncryptionContext:SecretARN': SECRET, 'kms:ViaService': secretsManager },
        },
      }),
    ]);
    expect(allowing(statementsOf(template, 'AWS::KMS::Key', 'VaultKeyswebhook'), 'kms:Decrypt')).toMatchObject([
      { Principal: { AWS: `\${${ROLE}.Arn}` } },
    ]);
    expect(allowing(statementsOf(template, 'AWS::KMS::Key', 'VaultKeysShareKey'), 'kms:GenerateDataKey')).toMatchObject(
      [{ Principal: { AWS: expect.arrayContaining([`\${${ROLE}.Arn}`]) } }, { Sid: 'AllowReseal' }],
    );
    expect(allowing(statements, 'secretsmanager:GetSecretValue')).toMatchObject([{ Resource: SECRET }]);
    expect(JSON.stringify(allowing(statements, 'rds-db:connect'))).toMatch(/\/vault_receiver"/);
  });

  test("is named in the policies of both keys, in the share key's only with seal", () => {
    const [wrapping, ...others] = allowing(
      statementsOf(template, 'AWS::KMS::Key', 'VaultKeysShareKey'),
      'kms:GenerateDataKey',
    );

    expect(wrapping?.Principal).toEqual({ AWS: ['${VaultFunctionssealRole.Arn}', `\${${ROLE}.Arn}`] });
    expect(others.map(({ Sid }) => Sid)).toEqual(['AllowReseal']);
    expect(allowing(statementsOf(template, 'AWS::KMS::Key', 'VaultKeyswebhook'), 'kms:Decrypt')).toMatchObject([
      { Principal: { AWS: `\${${ROLE}.Arn}` } },
    ]);
  });

  test('passes the endpoints with those calls and no other', () => {
    const passing = ['kms', 'secretsmanager']
      .flatMap((name) => statementsOf(template, 'AWS::EC2::VPCEndpoint', `VaultNetworkEndpoint${name}`))
      .filter(({ Condition }) => JSON.stringify(Condition).includes(ROLE))
      .map((statement) => [actionsOf(statement), statement.Resource]);

    expect(passing).toEqual([
      [['kms:GenerateDataKey'], '${VaultKeysShareKey.Arn}'],
      [['kms:Decrypt'], '${VaultKeyswebhookwebhook1Key.Arn}'],
      [['secretsmanager:GetSecretValue'], SECRET],
    ]);
  });
});

describe('a webhook', () => {
  test.each([
    [
      'answers within 499 ms',
      { responseTimeout: Duration.millis(499) },
      'responseTimeout: expected 500 to 29000 whole milliseconds, got 499',
    ],
    [
      'answers later than the API waits',
      { responseTimeout: Duration.millis(29_001) },
      'expected 500 to 29000 whole milliseconds, got 29001',
    ],
    ['lets nothing through', { throttleRate: 0 }, 'throttleRate: expected a whole number from 1 to 10000, got 0'],
    ['has a burst of a fraction', { throttleBurst: 0.5 }, 'throttleBurst: expected a whole number from 1 to 5000'],
  ])('that %s is refused', (_what, webhook, message) => {
    expect(() => vaultWithWebhook(webhook)).toThrow(message);
  });
});

/** Variables after the deploy. */
function deployed(found: Record<string, string>): NodeJS.ProcessEnv {
  const values: readonly (readonly [string, string])[] = [
    [SECRET, 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:share-vault/a-AbCdEf'],
    ['${VaultDatabaseCluster.Endpoint.Address}', 'database.example'],
    ['${VaultKeysShareKey.Arn}', 'arn:aws:kms:eu-west-1:111111111111:key/1'],
    ['${VaultKeyswebhookwebhook1Key.Arn}', 'arn:aws:kms:eu-west-1:111111111111:key/2'],
  ];
  return deployedVariables(found, values);
}
