import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type Deployed, deployTemplate } from '../../../../local/emulator/deploy';
import { callerIdentityCheck } from '../../../../local/emulator/elsewhere/caller-identity-check';
import type { StandIn } from '../../../../local/emulator/elsewhere/stand-in';
import { logFolder } from '../../../support/run';
import { as } from './support';

const HOST = 'keys.cloud.example';
const ROLE = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: { Statement: [] },
    Policies: [
      {
        PolicyName: 'run',
        PolicyDocument: { Statement: [{ Effect: 'Allow', Action: ['ec2:*', 'logs:*'], Resource: '*' }] },
      },
    ],
  },
};
/** Calls the host in its payload by the proxy in its variables, as the vault's functions do. */
const CODE = `
const https = require('node:https');
exports.handler = ({ host }) => new Promise((resolve, reject) => {
  const agent = new https.Agent({ proxyEnv: { HTTPS_PROXY: process.env.HTTPS_PROXY } });
  https.get({ host, agent, path: '/' }, (response) => {
    response.setEncoding('utf8').on('data', resolve);
  }).on('error', (error) => resolve(error.code));
});`;
const fn = (name: string, properties: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName: name,
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Code: { ZipFile: CODE },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Timeout: 10,
    ...properties,
  },
});

/** A function outside of any VPC, one in an isolated subnet, and one that calls no service outside AWS. */
const RESOURCES = {
  Role: ROLE,
  Vpc: { Type: 'AWS::EC2::VPC' },
  Subnet: { Type: 'AWS::EC2::Subnet', Properties: { VpcId: { Ref: 'Vpc' } } },
  Group: { Type: 'AWS::EC2::SecurityGroup', Properties: { VpcId: { Ref: 'Vpc' } } },
  Outside: fn('outside'),
  Isolated: fn('isolated', {
    VpcConfig: { SubnetIds: [{ Ref: 'Subnet' }], SecurityGroupIds: [{ 'Fn::GetAtt': ['Group', 'GroupId'] }] },
  }),
  Other: fn('other'),
};

const echo: StandIn = {
  name: 'echo',
  serves: (host) => host === HOST,
  respond: ({ url }) => Promise.resolve({ status: 200, body: `served ${url.host}` }),
};

let deployed: Deployed;
beforeAll(async () => {
  const template = join(mkdtempSync(join(tmpdir(), 'stand-ins-test-')), 'Mine.template.json');
  writeFileSync(template, JSON.stringify({ Resources: RESOURCES }));
  deployed = await deployTemplate({
    ...{ template, logDir: logFolder(), standIns: () => [echo] },
    callsElsewhere: ({ name }) => name !== 'other',
  });
});
afterAll(() => deployed.close());

async function call(name: string, host = HOST): Promise<unknown> {
  const lambda = new LambdaClient(as(deployed, deployed.administrator));
  const Payload = JSON.stringify({ host });
  const { Payload: result } = await lambda.send(new InvokeCommand({ FunctionName: name, Payload }));
  return JSON.parse(Buffer.from(result ?? []).toString());
}

test('a function reaches a stand-in under its own host name, over TLS', async () => {
  expect(await call('outside')).toBe(`served ${HOST}`);
});

test('a function in a subnet without a way out is refused, and the trail names function and host', async () => {
  expect(await call('isolated')).toBe('ERR_PROXY_TUNNEL');

  expect(deployed.trail.entries.at(-1)).toMatchObject({
    principal: expect.stringMatching(/:assumed-role\/.+\/isolated$/),
    action: 'network:Connect',
    resource: `${HOST}:443`,
    result: 'TimeoutError',
    message: `function Isolated has no route to ${HOST}:443: expected a way out of its subnets (Subnet), got none`,
  });
});

test('a host without a stand-in is refused, and the trail names it', async () => {
  expect(await call('outside', 'other.example')).toBe('ERR_PROXY_TUNNEL');

  expect(deployed.trail.entries.at(-1)).toMatchObject({
    principal: expect.stringMatching(/\/outside$/),
    resource: 'other.example:443',
    message: 'expected a host with a stand-in, got another',
  });
});

test('a function that calls no service outside AWS gets no variables for stand-ins', () => {
  expect(Object.keys(deployed.variables('other'))).not.toContain('HTTPS_PROXY');
  expect(deployed.variables('outside')).toMatchObject({ NODE_EXTRA_CA_CERTS: deployed.elsewhere?.caFile });
});

test('the signer of a GetCallerIdentity is learned from the emulated STS', async () => {
  const check = callerIdentityCheck(deployed.url);
  const request = await signedCallerIdentity(deployed.url);

  expect(await check(request)).toEqual({
    arn: `arn:aws:sts::${deployed.account}:assumed-role/Administrator/session`,
    account: deployed.account,
  });
});

test('a changed GetCallerIdentity has no signer', async () => {
  const request = await signedCallerIdentity(deployed.url);

  const changed = callerIdentityCheck(deployed.url)({ ...request, body: `${request.body}&More=1` });

  expect(await changed).toBeUndefined();
});

test('a GetCallerIdentity for another address than the emulated STS is not sent', async () => {
  const request = await signedCallerIdentity(deployed.url);

  expect(await callerIdentityCheck('http://127.0.0.1:1')(request)).toBeUndefined();
});

test('after the end no stand-in and no folder is left', async () => {
  const { caFile = '', proxyUrl = '' } = deployed.elsewhere ?? {};

  await deployed.close();

  expect(existsSync(caFile)).toBe(false);
  await expect(fetch(proxyUrl)).rejects.toThrow('fetch failed');
});

type Signed = Parameters<ReturnType<typeof callerIdentityCheck>>[0];

/** Returns the request that a client of the SDK signs, without sending it. */
async function signedCallerIdentity(url: string): Promise<Signed> {
  const client = new STSClient(as(deployed, deployed.administrator));
  const signed: Signed[] = [];
  client.middlewareStack.add(
    () => (args) => {
      const { method, headers, body } = args.request as Omit<Signed, 'url'>;
      signed.push({ method, url: `${url}/`, headers, body });
      return Promise.reject(new Error('not sent'));
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toThrow('not sent');
  const [request] = signed;
  if (request === undefined) throw new Error('expected a signed request, got none');
  return request;
}
