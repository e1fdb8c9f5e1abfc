import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { describe, expect, test } from '@jest/globals';
import { BodyStore } from '../../../lib/body-store';
import { Egress } from '../../../lib/egress';
import type { ShareVaultProps } from '../../../lib/share-vault-props';
import { audit } from '../../../local/audit/checks';
import { at, readTemplate } from '../../../local/audit/checks/template';
import { googleKey, jwtKey } from '../../support/external-keys';
import { add, append, type Mutation, set, type TemplateJson } from '../../support/mutate';
import { cdkApp } from '../../support/synth';
import { testVault } from '../../support/vault';
import { allowing, POLICY } from './mutations/defect';

const SERVICE = 'com.amazonaws.vpce.eu-west-1.vpce-svc-0123456789abcdef0';

function made(props: Partial<ShareVaultProps>): TemplateJson {
  const { stack } = testVault({ webhook: {}, ...props }, new Stack(cdkApp(), 'ShareVault-staging'));
  // deep equality rejects objects of another realm
  return JSON.parse(JSON.stringify(Template.fromStack(stack).toJSON())) as TemplateJson;
}

const FIREWALL = made({ otherKeys: [googleKey(), jwtKey()], egress: Egress.firewall() });
const LINK = made({ otherKeys: [jwtKey()], egress: Egress.privateLink({ service: SERVICE }) });
const peer = ec2.Peer.ipv4('10.1.2.3/32');
const PROXY = made({ otherKeys: [jwtKey()], egress: Egress.proxy({ url: 'http://proxy.example.com:3128', peer }) });
const BODIES = made({ bodyStore: BodyStore.secretsManager({ maxRecords: 100 }) });

function findingsOf(template: TemplateJson): readonly string[] {
  return audit(readTemplate('staging', template)).map(({ check, resource }) => `${check} ${resource}`);
}

const STS = 'VaultNetworkEndpointsts';
const SECRETS = 'VaultNetworkEndpointsecretsmanager';
const PRIVATE = 'VaultNetworkPrivateLinkEndpoint';
const OUTSIDE = 'VaultNetworkOutside';
const UNSEAL = 'VaultFunctionsunsealRolePermissions';
const SEAL = 'VaultFunctionssealRolePermissions';
const VARIABLES = ['Properties', 'Environment', 'Variables'] as const;
const EGRESS = ['Properties', 'SecurityGroupEgress', 0] as const;
const TOKEN = 'sts:GetWebIdentityToken';

/** Picks the first token statement, or the one of a role, for a path. */
const token = (role: string) => (statement: unknown) => {
  const text = JSON.stringify(statement);
  return text.includes(TOKEN) && text.includes(role) && text.includes('vault.example.com');
};
const ofEndpoint = [...POLICY, token('unsealRole'), 'Condition'] as const;
const ofRole = [...POLICY, token(''), 'Condition'] as const;
const creating = [...POLICY, allowing('secretsmanager:CreateSecret')] as const;
const reading = [...POLICY, allowing('secretsmanager:GetSecretValue')] as const;
const opening = [...POLICY, (each: unknown) => at(each, 'Sid') === 'AllowBodiesKey'] as const;
const whole = 'arn:aws:secretsmanager:*:*:secret:*';
/** Picks the statement by which the endpoint passes the unseal function's reading. */
const passing = [...POLICY, (each: unknown) => JSON.stringify(each).includes('unsealRole')] as const;
const listing = [...POLICY, (each: unknown) => JSON.stringify(each).includes('ListSecrets')] as const;

describe('the checks of a template with keys and stores elsewhere', () => {
  test.each([
    ['a firewall', FIREWALL],
    ['an endpoint for a Vault', LINK],
    ['a proxy', PROXY],
    ['bodies in Secrets Manager', BODIES],
  ])('have nothing against %s', (_what, template) => {
    expect(findingsOf(template)).toEqual([]);
  });

  const tokens = `rightsElsewhereAreBound ${UNSEAL}`;
  const rule = `nothingGoesOut ${OUTSIDE}`;
  const defects: readonly (readonly [string, TemplateJson, Mutation, readonly string[]])[] = [
    ...[ofEndpoint, ofRole].flatMap((path) => {
      const [resource, found] = path === ofRole ? [UNSEAL, tokens] : [STS, `endpointsHaveAPolicy ${STS}`];
      const limits: readonly (readonly [string, readonly string[], unknown])[] = [
        ['a longer token', ['NumericLessThanEquals', 'sts:DurationSeconds'], '3600'],
        ['another algorithm', ['StringEquals', 'sts:SigningAlgorithm'], 'ES384'],
        ['several audiences', ['ForAllValues:StringEquals', 'sts:IdentityTokenAudience'], ['a', 'b']],
        ['no audience', ['Null', 'sts:IdentityTokenAudience'], 'true'],
      ];
      return limits.map(
        ([what, at, value]) => [`${resource} allows ${what}`, FIREWALL, set(resource, [...path, ...at], value), [found]] as const, // prettier-ignore
      );
    }),
    [
      'an endpoint passes tokens of every role',
      FIREWALL,
      set(STS, [...ofEndpoint, 'ArnEquals', 'aws:PrincipalArn'], '*'),
      [`endpointsHaveAPolicy ${STS}`],
    ],
    [
      'an endpoint passes another operation of STS',
      FIREWALL,
      set(STS, [...ofEndpoint.slice(0, -1), 'Action'], 'sts:AssumeRole'),
      [`endpointsHaveAPolicy ${STS}`],
    ],
    [
      'a role gets tokens outside its function',
      FIREWALL,
      set(UNSEAL, [...ofRole, 'ArnLike', 'lambda:SourceFunctionArn'], ['*']),
      [tokens],
    ],
    [
      'a function without keys elsewhere gets tokens',
      BODIES,
      append(UNSEAL, POLICY, { Effect: 'Allow', Action: TOKEN, Resource: '*' }),
      [tokens, 'rolesMayNoMore VaultFunctionsunsealRole'],
    ],
    [
      'an endpoint passes the reading of every secret',
      BODIES,
      set(SECRETS, [...passing, 'Resource'], whole),
      [`endpointsHaveAPolicy ${SECRETS}`],
    ],
    [
      'an endpoint passes another operation on bodies',
      BODIES,
      set(SECRETS, [...passing, 'Action'], 'secretsmanager:PutSecretValue'),
      [`endpointsHaveAPolicy ${SECRETS}`],
    ],
    [
      'an endpoint passes the lists of every role',
      BODIES,
      set(SECRETS, [...listing, 'Condition', 'ArnEquals', 'aws:PrincipalArn'], '*'),
      [`endpointsHaveAPolicy ${SECRETS}`],
    ],
    [
      'the unseal function reads every secret',
      BODIES,
      set(UNSEAL, [...reading, 'Resource'], whole),
      ['rolesMayNoMore VaultFunctionsunsealRole'],
    ],
    ['a role reads bodies outside its function', BODIES, set(UNSEAL, [...reading, 'Condition'], {}), [tokens]],
    [
      'the seal function keeps bodies under another key',
      BODIES,
      set(SEAL, [...creating, 'Condition', 'StringEquals', 'secretsmanager:KmsKeyId'], '*'),
      [`rightsElsewhereAreBound ${SEAL}`],
    ],
    [
      'the storage key opens every secret to the unseal function',
      BODIES,
      set(UNSEAL, [...opening, 'Condition', 'StringLike', 'kms:EncryptionContext:SecretARN'], '*'),
      [`storedSecretOpensThroughItsService ${UNSEAL}`],
    ],
    [
      'the unseal function also seals with the storage key',
      BODIES,
      set(UNSEAL, [...opening, 'Action'], ['kms:Decrypt', 'kms:GenerateDataKey']),
      ['rolesMayNoMore VaultFunctionsunsealRole'],
    ],
    [
      'an endpoint without a policy leads to a service of AWS',
      LINK,
      set(PRIVATE, ['Properties', 'ServiceName'], 'com.amazonaws.eu-west-1.s3'),
      [`endpointsHaveAPolicy ${PRIVATE}`],
    ],
    [
      'a second endpoint leads to a service of somebody else',
      LINK,
      add('Second', 'AWS::EC2::VPCEndpoint', { ServiceName: SERVICE, PrivateDnsEnabled: false, SubnetIds: ['a', 'b'] }),
      ['endpointsHaveAPolicy Second', 'migrationsWaitForTheirWay VaultMigrationTrigger'],
    ],
    [
      'the endpoint for a Vault takes over public names',
      LINK,
      set(PRIVATE, ['Properties', 'PrivateDnsEnabled'], true),
      [`endpointsHaveAPolicy ${PRIVATE}`],
    ],
    ['functions reach another port of the proxy', PROXY, set(OUTSIDE, [...EGRESS, 'ToPort'], 65_535), [rule]],
    [
      'functions reach the internet instead of the proxy',
      PROXY,
      set(OUTSIDE, [...EGRESS, 'CidrIp'], '0.0.0.0/0'),
      [rule],
    ],
    ['functions reach half of the internet', PROXY, set(OUTSIDE, [...EGRESS, 'CidrIp'], '0.0.0.0/1'), [rule]],
    [
      'functions reach a port through the firewall that no key has',
      FIREWALL,
      set(OUTSIDE, EGRESS, { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 22, ToPort: 22 }),
      [rule],
    ],
    [
      'a function that calls nothing outside AWS has the way out',
      FIREWALL,
      append('VaultFunctionsauditFunction', ['Properties', 'VpcConfig', 'SecurityGroupIds'], 'sg-0123456789abcdef0'),
      ['functionsLiveInTheNetwork VaultFunctionsauditFunction'],
    ],
    [
      'a function that calls keys has a foreign security group',
      FIREWALL,
      set('VaultFunctionssealFunction', ['Properties', 'VpcConfig', 'SecurityGroupIds', 1], 'sg-0123456789abcdef0'),
      ['functionsLiveInTheNetwork VaultFunctionssealFunction'],
    ],
    [
      'the endpoint for a Vault is reached at a port that no key has',
      LINK,
      (template) => JSON.parse(JSON.stringify(template).replaceAll('Port":8200', 'Port":8201')) as TemplateJson,
      ['nothingGoesOut VaultNetworkOutside', 'nothingComesIn VaultNetworkPrivateLinkGroup'],
    ],
    [
      'no variable names the proxy',
      PROXY,
      (template) =>
        ['Functionsseal', 'Functionsunseal', 'Reseal'].reduce(
          (each, name) => set(`Vault${name}Function`, [...VARIABLES, 'HTTPS_PROXY'], '')(each),
          set('VaultWebhookFunction', [...VARIABLES, 'HTTPS_PROXY'], '')(template),
        ),
      [rule],
    ],
  ];

  test.each(defects)('find that %s', (_defect, template, mutation, findings) => {
    const found = [...new Set(findingsOf(mutation(template)))].sort();

    expect(found).toEqual([...findings].sort());
  });
});
