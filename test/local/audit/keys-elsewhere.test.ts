import { describe, expect, test } from '@jest/globals';
import { auditTemplate, describeFinding } from '../../../local/audit';
import { BodyStore } from '../../../lib/body-store';
import { Egress } from '../../../lib/egress';
import type { ShareVaultProps } from '../../../lib/share-vault-props';
import { azureKey, googleKey, hsmKey, jwtKey, recoveryKey, signedGoogleKey } from '../../support/external-keys';
import { testVault } from '../../support/vault';

const templateWith = (props: Partial<ShareVaultProps>): string =>
  JSON.stringify(
    testVault({ webhook: {}, ...props })
      .template()
      .toJSON(),
  );
const audit = (template: string): readonly string[] => auditTemplate(JSON.parse(template)).map(describeFinding);

const PLAIN = templateWith({});
const FULL = templateWith({
  otherKeys: [googleKey(), azureKey(), hsmKey(), jwtKey()],
  egress: Egress.firewall({ allowedDomains: ['status.vault.example.com'] }),
  openWithOtherKeys: true,
  recoveryKeys: [recoveryKey()],
});
const AZURE = 'api://AzureADTokenExchange';
const { fingerprint, publicKey } = recoveryKey();

describe('a template of a vault with keys elsewhere', () => {
  test.each([
    ['with all kinds of keys', FULL],
    ['with an external share key', templateWith({ shareKey: signedGoogleKey(), egress: Egress.firewall() })],
  ])('is on the allow-list: %s', (_what, template) => {
    expect(audit(template)).toEqual([]);
  });

  test.each([
    [
      'the audience of a role’s statement',
      `"sts:IdentityTokenAudience":["${AZURE}"]`,
      '"sts:IdentityTokenAudience":["https://other.example"]',
    ],
    ['the duration', '"sts:DurationSeconds":"300"', '"sts:DurationSeconds":"3600"'],
    ['the operator for audiences', '"ForAllValues:StringEquals":{"sts:Id', '"ForAnyValue:StringEquals":{"sts:Id'],
    ['the algorithm', '"sts:SigningAlgorithm":"RS256"', '"sts:SigningAlgorithm":"ES384"'],
  ])('is a finding with another value of %s', (_what, from, to) => {
    expect(FULL).toContain(from);
    expect(audit(FULL.replaceAll(from, to))).not.toEqual([]);
  });

  test('is a finding if another recovery key takes the place of the published one', () => {
    const changed = FULL.replaceAll(publicKey, recoveryKey('safe-2026', 3_072).publicKey);

    expect(audit(changed)).toEqual(
      ['Keys/RecoveryKeys/Resource', 'Outputs/RecoveryKeys'].map(() => expect.stringContaining(fingerprint)),
    );
  });

  test('is a finding if a function may get tokens that it has no key for', () => {
    const statement = /\{"Action":"sts:GetWebIdentityToken"[^]*?"Sid":"AllowIdentityToken"\}/.exec(FULL)?.[0] ?? '';
    const changed = PLAIN.replace('{"Action":["xray:', `${statement},{"Action":["xray:`);

    expect(changed).not.toBe(PLAIN);
    expect(audit(changed)).not.toEqual([]);
  });
});

const BODIES = templateWith({ bodyStore: BodyStore.secretsManager({ maxRecords: 100 }) });

/** Returns a template's text with one more resource. */
function withResource(template: string, type: string, properties: object): string {
  const { Resources, ...rest } = JSON.parse(template) as { readonly Resources: Readonly<Record<string, object>> };
  return JSON.stringify({ ...rest, Resources: { ...Resources, Extra: { Type: type, Properties: properties } } });
}

/** Returns the logical id that begins with a text. */
function idOf(template: string, start: string): string {
  const { Resources } = JSON.parse(template) as { readonly Resources: Readonly<Record<string, object>> };
  return Object.keys(Resources).find((id) => id.startsWith(start)) ?? '';
}

describe('a template of a vault with a way out or with bodies elsewhere', () => {
  test('is on the allow-list with bodies in Secrets Manager', () => {
    expect(audit(BODIES)).toEqual([]);
  });

  test.each([
    ['a whole domain that the firewall passes', FULL, '"status.vault.example.com"', '".com"'],
    ['an incomplete name that the firewall passes', FULL, '"status.vault.example.com"', '"example.com"'],
    ['a firewall without its drop by default', FULL, '"aws:drop_established_app_layer",', ''],
    ['a firewall that passes what no stateless rule matches', FULL, '"aws:forward_to_sfe"', '"aws:pass"'],
    ['a way out at every port', FULL, '"IpProtocol":"tcp","ToPort":8200', '"IpProtocol":"-1","ToPort":8200'],
    ['a foreign prefix of secrets', BODIES, ':secret:share-vault/staging/bodies/*', ':secret:*'],
    ['bodies of another environment', BODIES, ':secret:share-vault/staging/bodies/*', ':secret:share-vault/prod/bodies/*'], // prettier-ignore
    ['bodies under any key', BODIES, '"secretsmanager:KmsKeyId"', '"secretsmanager:Name"'],
  ])('is a finding with %s', (_what, template, from, to) => {
    expect(template).toContain(from);
    expect(audit(template.replaceAll(from, to))).not.toEqual([]);
  });

  test.each([
    ['a second default route', 'AWS::EC2::Route', 'RouteTableId', 'VaultNetworkVpcIsolatedSubnet1RouteTable', { DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-0123456789abcdef0' }], // prettier-ignore
    ['a second route of the functions', 'AWS::EC2::Route', 'RouteTableId', 'VaultNetworkEgressFunctions1RouteTable', { DestinationCidrBlock: '1.0.0.0/8', GatewayId: 'igw-0123456789abcdef0' }], // prettier-ignore
    ['an internet gateway of somebody else', 'AWS::EC2::VPCGatewayAttachment', 'VpcId', 'VaultNetworkVpc', { InternetGatewayId: 'igw-0123456789abcdef0' }], // prettier-ignore
  ])('is a finding with %s', (_what, type, property, start, properties) => {
    const changed = withResource(FULL, type, { ...properties, [property]: { Ref: idOf(FULL, start) } });

    expect(audit(changed)).not.toEqual([]);
  });
});
