import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, type FunctionOptions, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Operation, ShareVault } from '../../../../lib';
import { describeDeployed } from '../../../../local/cli/describe-deployed';
import { Report } from '../../../../local/demo/report';
import { type Deployed, deployTemplate } from '../../../../local/emulator/deploy';
import { vaultOptions } from '../../../../local/vault/options';
import { logFolder } from '../../../support/run';
import { cdkApp } from '../../../support/synth';
import { templateFile } from '../../../support/template-file';
import { AUDIT, BUNDLES, as, keyNamed, logIn } from './support';

const AUDITOR = { actor: 'auditor' };

/** A vault with a Lambda endpoint, and consumers in several networks that may all call it. */
function networksTemplate(): string {
  const app = cdkApp();
  const stack = new Stack(app, 'Mine');
  const vault = new ShareVault(stack, 'Vault', { environment: 'dev', bundles: BUNDLES, consumerEndpoint: true });
  vault.addActor('auditor', { operations: [Operation.AUDIT] });
  const consumer = (id: string, options: FunctionOptions): LambdaFunction => {
    const made = new LambdaFunction(stack, id, {
      functionName: id.toLowerCase(),
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline('exports.handler = async () => 1;'),
      ...options,
    });
    vault.grantAudit(made, AUDITOR);
    return made;
  };
  const { vpc, vpcSubnets } = vault.network;
  const isolated = new ec2.Vpc(stack, 'Isolated', {
    ...{ maxAzs: 2, natGateways: 0 },
    subnetConfiguration: [{ name: 'Isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
  });
  vault.connect(consumer('Connected', { vpc, vpcSubnets, allowAllOutbound: false }), {
    ...AUDITOR,
    operations: [Operation.AUDIT],
  });
  consumer('Granted', { vpc, vpcSubnets });
  consumer('Elsewhere', { vpc: isolated, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } });
  consumer('Egress', { vpc: new ec2.Vpc(stack, 'Nat', { maxAzs: 2 }) });
  const outside = consumer('Outside', {});
  outside.addToRolePolicy(new PolicyStatement({ actions: ['rds-db:connect'], resources: ['*'] }));
  return templateFile(stack, app);
}

let deployed: Deployed;
beforeAll(async () => {
  deployed = await deployTemplate(vaultOptions({ template: networksTemplate(), logDir: logFolder() }));
});
afterAll(() => deployed.close());

function ask(name: string): Promise<unknown> {
  const lambda = new LambdaClient(as(deployed, deployed.functionSession(name)));
  const FunctionName = 'share-vault-dev-audit';
  return lambda.send(new InvokeCommand({ FunctionName, Qualifier: 'auditor', Payload: JSON.stringify(AUDIT) }));
}

describe('a call to the vault', () => {
  test.each([
    ['connected', 'in the vault’s network, by its endpoint and rules'],
    ['egress', 'in a network with a NAT gateway'],
    ['outside', 'outside of any network'],
  ])('from function %s, %s, arrives', async (name) => {
    expect(await ask(name)).toMatchObject({ StatusCode: 200 });
  });

  test.each([
    [
      'granted',
      /^function Granted\w+ has no route to lambda: expected security groups that allow .* to reach endpoint Vault/,
    ],
    ['elsewhere', /^function Elsewhere\w+ has no route to lambda: expected a NAT gateway for its subnets \(Isolated/],
  ])('from function %s times out as in AWS, and the message names what is missing', async (name, message) => {
    await expect(ask(name)).rejects.toMatchObject({ name: 'TimeoutError', message: expect.stringMatching(message) });
  });

  test('that times out is on the trail', async () => {
    await ask('elsewhere').catch(() => undefined);

    expect(deployed.trail.entries.at(-1)).toMatchObject({ action: 'lambda:InvokeFunction', result: 'TimeoutError' });
  });
});

test('a call to KMS from a network without an endpoint for it times out before any policy is asked', async () => {
  const kms = new KMSClient(as(deployed, deployed.functionSession('elsewhere')));
  const command = new EncryptCommand({ KeyId: await keyNamed(deployed, 'share'), Plaintext: Buffer.from('x') });

  await expect(kms.send(command)).rejects.toMatchObject({
    name: 'TimeoutError',
    message: expect.stringContaining('an endpoint for kms in their VPC, got neither'),
  });
});

test('a call to STS from a network without an endpoint for it times out, although it needs no permission', async () => {
  const [reached, isolated] = ['egress', 'elsewhere'].map((name) => {
    const sts = new STSClient(as(deployed, deployed.functionSession(name)));
    return sts.send(new GetCallerIdentityCommand({}));
  });

  await expect(reached).resolves.toMatchObject({ Arn: expect.stringContaining('/egress') });
  await expect(isolated).rejects.toMatchObject({
    name: 'TimeoutError',
    message: expect.stringContaining('an endpoint for sts in their VPC, got neither'),
  });
});

describe('a login to the database', () => {
  test('succeeds for a function in its network that its groups admit', async () => {
    const credentials = deployed.functionSession('share-vault-dev-audit');

    await expect(logIn(deployed, 'vault_auditor', credentials)).resolves.toBe('vault_auditor');
  });

  test('is refused to a function outside of its network, although its role allows it', async () => {
    await expect(logIn(deployed, 'vault_auditor', deployed.functionSession('outside'))).rejects.toThrow(
      'PAM authentication failed',
    );

    expect(deployed.trail.entries.at(-1)).toMatchObject({
      action: 'rds-db:connect',
      result: 'TimeoutError',
      message: expect.stringMatching(/^function Outside\w+ has no route to database VaultDatabaseCluster\w+: /),
    });
  });

  test('succeeds with the session of that role outside of the function, as from a network that is unknown', async () => {
    const [role] = deployed.template.roles().filter(({ logicalId }) => logicalId.startsWith('Outside'));

    await expect(logIn(deployed, 'vault_auditor', deployed.session(role?.logicalId ?? ''))).resolves.toBe(
      'vault_auditor',
    );
  });
});

test('the deploy lists functions that may call the vault and cannot reach it, and none of the vault', () => {
  expect(deployed.unreachable).toEqual([
    { logicalId: expect.stringMatching(/^Granted/), service: 'lambda', obstacle: expect.any(String) },
    { logicalId: expect.stringMatching(/^Elsewhere/), service: 'lambda', obstacle: expect.any(String) },
    { logicalId: expect.stringMatching(/^Outside/), service: 'rds-db', obstacle: expect.any(String) },
  ]);
});

test('serve prints those functions by logical id', () => {
  const out = new PassThrough();
  const files = {
    source: {},
    dataDir: '.',
    temporary: false,
    profiles: 'aws-config',
    keyFiles: new Map<string, string>(),
  };
  const described = { deployed, environment: 'dev', webhook: undefined, files, verbose: true, authorization: true };

  describeDeployed(described, new Report(out), out);

  expect(String(out.read())).toMatch(/Calls that would time out in AWS[^]*function Granted\w+ has no route to lambda/);
});
