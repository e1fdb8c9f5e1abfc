import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LAMBDA = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };
const ECHO = 'exports.handler = async (event) => event;';

/** A stack for a developer's first calls: two keys with aliases, three functions, and a role that is denied everything. */
const RESOURCES = {
  First: key(),
  FirstAlias: alias('alias/first', 'First'),
  Second: key(),
  SecondAlias: alias('alias/second', 'Second'),
  Caller: role('caller', policy(['lambda:*', 'kms:ListAliases'])),
  Denied: role('denied', policy('*', { Effect: 'Deny' })),
  outside: fn('outside'),
  second: fn('second'),
  third: fn('third'),
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

function key(): object {
  return { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: policy('*', { Principal: { AWS: root() } }) } };
}

function alias(AliasName: string, id: string): object {
  return { Type: 'AWS::KMS::Alias', Properties: { AliasName, TargetKeyId: { Ref: id } } };
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
