import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LAMBDA = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
const ECHO = 'exports.handler = async (event) => event;';

/** A stack for a developer's first calls: two keys with aliases, three functions, and a role that is denied everything. */
const RESOURCES = {
  ...Object.fromEntries(
    ['First', 'Second'].flatMap((id) => [
      [id, { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: policy('*', { Principal: { AWS: root() } }) } }],
      [`${id}Alias`, { Type: 'AWS::KMS::Alias', Properties: { AliasName: `alias/${id.toLowerCase()}`, TargetKeyId: { Ref: id } } }], // prettier-ignore
    ]),
  ),
  Caller: role('caller', policy(['lambda:*', 'kms:ListAliases'])),
  Denied: role('denied', policy('*', { Effect: 'Deny' })),
  ...Object.fromEntries(['outside', 'second', 'third'].map((name) => [name, fn(name)])),
  Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'outside' } } },
  Live: {
    Type: 'AWS::Lambda::Alias',
    Properties: { Name: 'live', FunctionName: { Ref: 'outside' }, FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] } }, // prettier-ignore
  },
};

/** Writes the stack's template into a folder. Returns its path. */
export function shellTemplate(folder: string, resources: object = {}): string {
  const file = join(folder, 'Shell.template.json');
  writeFileSync(file, JSON.stringify({ Resources: { ...RESOURCES, ...resources } }));
  return file;
}

function root(): object {
  return { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root' };
}

function policy(Action: unknown, statement: object = {}): object {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*', ...statement }] };
}

function role(RoleName: string, PolicyDocument: object): object {
  const trust = { Version: '2012-10-17', Statement: [LAMBDA] };
  const Policies = [{ PolicyName: 'Own', PolicyDocument }];
  return { Type: 'AWS::IAM::Role', Properties: { RoleName, AssumeRolePolicyDocument: trust, Policies } };
}

function fn(FunctionName: string): object {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      ...{ FunctionName, Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { ZipFile: ECHO } },
      Role: { 'Fn::GetAtt': ['Caller', 'Arn'] },
      ...(FunctionName === 'second' && {
        ReservedConcurrentExecutions: 2,
        Tags: [{ Key: 'team', Value: 'wallets' }],
        Environment: { Variables: { TZ: 'Asia/Tokyo', NODE_OPTIONS: '--no-deprecation', LANG: 'de_DE.UTF-8' } },
      }),
    },
  };
}
