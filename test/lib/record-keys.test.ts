import { describe, expect, test } from '@jest/globals';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { ELSEWHERE_ENV } from '../../lambda/contract/elsewhere';
import { recoveryKeysDigest } from '../../lambda/contract/recovery';
import { ENV } from '../../lambda/contract/variables';
import { Egress } from '../../lib/egress';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import type { CfnRole } from 'aws-cdk-lib/aws-iam';
import { IAM_PATH } from '../../lib/private/names';
import { plain } from '../../local/audit/plain';
import {
  AZURE,
  azureKey,
  awsKey,
  googleKey,
  hsmKey,
  jwtKey,
  recoveryKey,
  signedGoogleKey,
} from '../support/external-keys';
import { propertiesOf } from '../support/resources';
import { allowing, statementsOf } from '../support/statements';
import { testVault } from '../support/vault';

const RECOVERY = [recoveryKey('safe-2026'), recoveryKey('safe-2027', 3_072)];
const DIGEST = recoveryKeysDigest(RECOVERY.map(({ fingerprint }) => fingerprint));
const FINGERPRINTS = Object.fromEntries(RECOVERY.map(({ name, fingerprint }) => [name, fingerprint]));

function vaultWith(props: Partial<ShareVaultProps>) {
  // keys outside AWS need a way to them
  const egress = props.otherKeys !== undefined ? { egress: Egress.firewall() } : {};
  const { template, stack, vault } = testVault({ webhook: {}, ...egress, ...props });
  const made = template();
  /** The variables of a function, by its handler's name. */
  const variables = (handler: string): Readonly<Record<string, unknown>> => {
    const functions = [...propertiesOf(made, 'AWS::Lambda::Function').values()];
    const found = functions.find(({ FunctionName }) => FunctionName === `share-vault-staging-${handler}`);
    return (plain(found?.Environment) as { Variables: Record<string, unknown> }).Variables;
  };
  const keysOf = (handler: string) => Object.keys(variables(handler)).filter((name) => KEY_VARIABLES.has(name));
  return { made, stack, vault, variables, keysOf };
}

const KEY_VARIABLES = new Set<string>([ENV.shareKeyArn, ...Object.values(ELSEWHERE_ENV)]);
const PLAIN = vaultWith({});
const SEALING = ['seal', 'receive', 'migrate'];
const OTHERS = ['revoke', 'properties', 'audit', 'freeze', 'thaw'];

/** Handlers, and whether each of them has the code for keys elsewhere: the fixture's code differs by its folder. */
function elsewhereIn(made: ReturnType<typeof vaultWith>['made'], plainly: ReturnType<typeof vaultWith>['made']) {
  const code = (template: typeof made) =>
    new Map(
      [...propertiesOf(template, 'AWS::Lambda::Function').values()].map(({ FunctionName, Code }) => [
        String(FunctionName),
        JSON.stringify(Code),
      ]),
    );
  const before = code(plainly);
  return [...code(made)]
    .filter(([name, text]) => before.get(name) !== text)
    .map(([name]) => name.replace('share-vault-staging-', ''))
    .sort();
}

describe('a vault with recovery keys', () => {
  const { made, keysOf, variables } = vaultWith({ recoveryKeys: RECOVERY, recoveryKeysChange: DIGEST });

  test.each(SEALING)('gives %s the public keys', (handler) => {
    const keys = Object.fromEntries(RECOVERY.map(({ name, publicKey }) => [name, publicKey]));

    expect(JSON.parse(String(variables(handler)[ELSEWHERE_ENV.recoveryKeys]))).toEqual(keys);
  });

  test('gives the function that unseals, and all others, none of them', () => {
    expect(keysOf('unseal')).toEqual([ENV.shareKeyArn]);
    expect(OTHERS.flatMap(keysOf)).toEqual([]);
  });

  test('gives only the migration the statement of a changed list', () => {
    expect(variables('migrate')[ELSEWHERE_ENV.recoveryKeysChange]).toBe(DIGEST);
    expect(['seal', 'receive', 'unseal'].flatMap(keysOf)).not.toContain(ELSEWHERE_ENV.recoveryKeysChange);
  });

  test('runs the code for keys elsewhere only in the functions that seal, and in the migration', () => {
    expect(elsewhereIn(made, PLAIN.made)).toEqual(['migrate', 'receive', 'reseal', 'seal']);
  });

  test('publishes the fingerprints as a parameter and as an output', () => {
    made.hasResourceProperties('AWS::SSM::Parameter', {
      Name: '/share-vault/staging/recovery-keys',
      Value: JSON.stringify(FINGERPRINTS),
    });
    made.hasOutput('VaultRecoveryKeys', { Value: JSON.stringify(FINGERPRINTS) });
  });

  test('needs no permission for them', () => {
    const statements = (template: typeof made) =>
      ['AWS::IAM::ManagedPolicy', 'AWS::KMS::Key', 'AWS::EC2::VPCEndpoint'].flatMap((type) =>
        statementsOf(template, type),
      );

    expect(statements(made)).toEqual(statements(PLAIN.made));
  });

  test('prints the statement of a changed list if there is none', () => {
    const { stack } = vaultWith({ recoveryKeys: RECOVERY });

    Annotations.fromStack(stack).hasInfo('*', Match.stringLikeRegexp(`recoveryKeysChange: '${DIGEST}'`));
  });

  test('is refused with the statement of another list, and the right one is printed', () => {
    const props = { recoveryKeys: RECOVERY.slice(0, 1), recoveryKeysChange: DIGEST };
    const right = recoveryKeysDigest([RECOVERY[0]?.fingerprint ?? '']);

    expect(() => testVault(props)).toThrow(`recoveryKeysChange: expected "${right}" for this list, got "${DIGEST}"`);
  });

  test('can remove the last of them by a statement of the empty list', () => {
    const change = recoveryKeysDigest([]);
    const removed = vaultWith({ recoveryKeysChange: change });

    expect(removed.variables('migrate')[ELSEWHERE_ENV.recoveryKeysChange]).toBe(change);
    expect(elsewhereIn(removed.made, PLAIN.made)).toEqual(['migrate']);
  });

  test('has at most eight keys in total, since a message holds no more data keys', () => {
    const recoveryKeys = [2_048, 3_072, 4_096].map((bits) => recoveryKey(`safe-${bits}`, bits));
    const otherKeys = [googleKey(), azureKey(), hsmKey(), jwtKey()];
    const second = azureKey({ keyId: AZURE.keyId.replace('share-key', 'second') });

    const egress = Egress.firewall();

    expect(() => testVault({ egress, recoveryKeys, otherKeys })).not.toThrow();
    expect(() => testVault({ egress, recoveryKeys, otherKeys: [...otherKeys, second] })).toThrow(
      'recoveryKeys: expected at most 8 keys for records in total, got 9',
    );
  });
});

describe('a vault with other keys beside its share key', () => {
  const otherKeys = [googleKey(), azureKey(), jwtKey()];
  const { made, keysOf, variables } = vaultWith({ otherKeys, openWithOtherKeys: true });

  test.each([
    ['seal', 'seal'],
    ['receive', 'seal'],
    ['migrate', 'seal'],
    ['unseal', 'unseal'],
  ] as const)('tells %s the keys in order, with the identity to %s', (handler, identity) => {
    const descriptions = otherKeys.map((key) => key._describe(identity));

    expect(JSON.parse(String(variables(handler)[ELSEWHERE_ENV.otherKeys]))).toEqual(descriptions);
    expect(variables(handler)).toHaveProperty(ENV.shareKeyArn);
  });

  test('lets only the function that unseals open with the next key, and the migration count these keys', () => {
    const without = vaultWith({ otherKeys });
    const flags = (['unseal', 'migrate'] as const).map((name) => variables(name)[ELSEWHERE_ENV.openWithOtherKeys]);

    expect(flags).toEqual(['true', 'true']);
    expect(['seal', 'receive', 'reseal'].flatMap(keysOf)).not.toContain(ELSEWHERE_ENV.openWithOtherKeys);
    expect(['unseal', 'migrate'].flatMap(without.keysOf)).not.toContain(ELSEWHERE_ENV.openWithOtherKeys);
  });

  test('runs the code for keys elsewhere in every function that seals or unseals', () => {
    expect(elsewhereIn(made, PLAIN.made)).toEqual(['migrate', 'receive', 'reseal', 'seal', 'unseal']);
  });

  test('names the roles that log in outside AWS as an output', () => {
    const outputs = made.findOutputs('VaultExternalIdentities') as Record<string, { Value: unknown }>;
    const roles = JSON.parse(String(plain(outputs.VaultExternalIdentities?.Value))) as Record<string, string>;

    expect(roles).toEqual({
      seal: expect.stringContaining('VaultFunctionssealRole'),
      receive: expect.stringContaining('VaultWebhookFunctionRole'),
      unseal: expect.stringContaining('VaultFunctionsunsealRole'),
      reseal: expect.stringContaining('VaultResealFunctionRole'),
    });
  });

  test('opens with another key only if it has one', () => {
    expect(() => testVault({ openWithOtherKeys: true })).toThrow(
      'openWithOtherKeys: expected otherKeys together with it, got none',
    );
  });

  test('is refused with one key twice, also if one of the two is the share key', () => {
    const got = 'otherKeys: expected different keys, got https://vault.example.com:8200//transit/share-key twice';

    expect(() => testVault({ otherKeys: [jwtKey(), awsKey()] })).toThrow(got);
    expect(() => testVault({ shareKey: jwtKey(), otherKeys: [awsKey()] })).toThrow(got);
  });
});

describe('the permission to get web identity tokens', () => {
  const { made } = vaultWith({ otherKeys: [googleKey(), azureKey(), hsmKey(), jwtKey()] });
  const tokens = (prefix: string) =>
    allowing(statementsOf(made, 'AWS::IAM::ManagedPolicy', prefix), 'sts:GetWebIdentityToken');
  const AUDIENCES = [
    '//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/share-vault/providers/aws-vault',
    'api://AzureADTokenExchange',
    'https://vault.example.com:8200',
  ];

  test.each([
    ['seal', 'VaultFunctionsseal'],
    ['unseal', 'VaultFunctionsunseal'],
    ['receive', 'VaultWebhookFunction'],
    ['reseal', 'VaultReseal'],
  ])(
    'is one statement for each audience, for a short token signed with RSA, from within the function: %s',
    (handler, prefix) => {
      const arn = `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:share-vault-staging-${handler}`;

      expect(tokens(prefix)).toEqual(
        AUDIENCES.map((audience, place) => ({
          Sid: `AllowIdentityToken${place === 0 ? '' : place + 1}`,
          Effect: 'Allow',
          Action: 'sts:GetWebIdentityToken',
          Resource: '*',
          Condition: {
            ArnLike: { 'lambda:SourceFunctionArn': [arn, `${arn}:*`] },
            'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': [audience] },
            Null: { 'sts:IdentityTokenAudience': 'false' },
            NumericLessThanEquals: { 'sts:DurationSeconds': '300' },
            StringEquals: { 'sts:SigningAlgorithm': 'RS256' },
          },
        })),
      );
    },
  );

  test.each(['VaultMigration', 'VaultFunctionsrevoke', 'VaultFunctionsaudit', 'VaultFunctionsproperties'])(
    'is missing for functions that call no key: %s',
    (prefix) => {
      expect(tokens(prefix)).toEqual([]);
    },
  );

  test('passes the endpoint for STS for each role and audience', () => {
    const passed = allowing(statementsOf(made, 'AWS::EC2::VPCEndpoint'), 'sts:GetWebIdentityToken');

    expect(
      passed.map(({ Condition }) => Condition?.['ForAllValues:StringEquals']?.['sts:IdentityTokenAudience']),
    ).toEqual([1, 2, 3, 4].flatMap(() => AUDIENCES.map((audience) => [audience])));
  });

  test('is missing, like the endpoint, if functions log in by signed requests', () => {
    const signed = vaultWith({ otherKeys: [signedGoogleKey(), awsKey()] }).made;
    const types = ['AWS::IAM::ManagedPolicy', 'AWS::EC2::VPCEndpoint'];

    expect(types.flatMap((type) => allowing(statementsOf(signed, type), 'sts:GetWebIdentityToken'))).toEqual([]);
    expect(JSON.stringify(signed.findResources('AWS::EC2::VPCEndpoint'))).not.toContain('.sts');
  });
});

describe('a vault with an external key as its share key', () => {
  const { made, keysOf, vault } = vaultWith({ shareKey: googleKey(), otherKeys: [azureKey()] });

  test('has no share key in AWS KMS', () => {
    const keys = Object.keys(made.findResources('AWS::KMS::Key'));

    expect(keys.filter((id) => id.includes('ShareKey'))).toEqual([]);
    expect(made.findOutputs('VaultShareKey')).toEqual({});
    expect(() => vault.keys.shareKey).toThrow(
      'keys.shareKey: expected a vault with a share key in AWS KMS, got one with an ExternalKey',
    );
  });

  test('names no share key to any function, and the external one first', () => {
    expect(['seal', 'unseal', 'receive', 'migrate'].map(keysOf)).toEqual(
      ['seal', 'unseal', 'receive', 'migrate'].map(() => [ELSEWHERE_ENV.otherKeys]),
    );
  });

  test('lets no function wrap or unwrap data keys in AWS KMS', () => {
    const statements = ['AWS::KMS::Key', 'AWS::EC2::VPCEndpoint'].flatMap((type) => statementsOf(made, type));

    expect(statements.filter(({ Sid }) => Sid === 'AllowSeal' || Sid === 'AllowUnseal')).toEqual([]);
    expect(allowing(statements, 'kms:GenerateDataKey').filter(({ Condition }) => !JSON.stringify(Condition).includes('ViaService') && JSON.stringify(Condition).includes('PrincipalArn'))).toEqual([]); // prettier-ignore
  });
});

describe('the subject of a web identity token', () => {
  test('fits into Google’s 127 bytes with the longest name of a role', () => {
    const longest = `arn:aws-us-gov:iam::123456789012:role${IAM_PATH}${'r'.repeat(64)}`;

    expect(Buffer.byteLength(longest)).toBeLessThanOrEqual(127);
  });

  test('is refused at synth if an override makes it longer', () => {
    const { vault, template } = testVault({ egress: Egress.firewall(), otherKeys: [googleKey()] });
    const role = vault.functions.unseal.role.node.defaultChild as CfnRole;
    role.path = `/${'p'.repeat(60)}/`;

    expect(template).toThrow(/expected a role with an ARN of at most 127 bytes, .+ got one of up to 163/);
  });
});
