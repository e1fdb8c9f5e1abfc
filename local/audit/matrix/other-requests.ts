import type { FunctionPart } from '../../emulator/template';
import { DATABASE_USERS } from './database-users';
import type { Request } from './cell';
import { asEvaluated } from './control-policies';
import { type FunctionKey, FUNCTION_KEYS, functionName } from '../../vault/functions';
import { isHelper, shortName } from './principals';
import { trustPolicy, type VaultPolicies } from './vault-policies';

/** The functions that hold plain material: unseal before it leaves, receive after it arrives, reseal in between. */
const OPENING: readonly FunctionKey[] = ['unseal', 'receive', 'reseal'];

/** Returns every sensitive request for a vault's functions, database, secrets and roles. */
export function otherRequests(vault: VaultPolicies): readonly Request[] {
  return [
    ...invocations(vault),
    ...changesOfFunctions(vault),
    ...helpers(vault),
    ...database(vault),
    ...parameters(vault),
    ...webhookApi(vault),
    ...roles(vault),
    ...stateMachine(vault),
    ...stack(vault),
  ].map((request) => ({ resourcePolicy: vault.policyOf(request.resource), ...request }));
}

/** Invocations of each function by each of its aliases, without a name, and as `$LATEST`. */
function invocations(vault: VaultPolicies): readonly Request[] {
  return existing(vault, FUNCTION_KEYS).flatMap(([operation, part]) =>
    [...vault.aliases(part), '', '$LATEST'].map((qualifier) =>
      plain(
        'lambda:InvokeFunction',
        `${operation}:${qualifier}`.replace(/:$/, ' without a name'),
        functionArn(vault, operation, qualifier),
      ),
    ),
  );
}

/** Returns the functions of these that the vault has: `receive` only with a webhook. */
function existing(
  vault: VaultPolicies,
  keys: readonly FunctionKey[],
): readonly (readonly [FunctionKey, FunctionPart])[] {
  return keys.flatMap((key) => {
    const part = vault.function(key);
    return part === undefined ? [] : [[key, part] as const];
  });
}

function changesOfFunctions(vault: VaultPolicies): readonly Request[] {
  return existing(vault, OPENING).flatMap(([operation]) =>
    [
      'lambda:UpdateFunctionCode',
      'lambda:UpdateFunctionConfiguration',
      'lambda:AddPermission',
      'lambda:CreateAlias',
      'lambda:UpdateAlias',
      'lambda:CreateFunctionUrlConfig',
    ].map((action) => plain(action, operation, functionArn(vault, operation))),
  );
}

/** The CDK's helpers among the stack's functions run at deploy, with the permissions of a deploy. */
function helpers(vault: VaultPolicies): readonly Request[] {
  return vault.functions
    .filter(isHelper)
    .flatMap((part) =>
      ['lambda:InvokeFunction', 'lambda:UpdateFunctionCode'].map((action) => plain(action, shortName(part), part.arn)),
    );
}

function database(vault: VaultPolicies): readonly Request[] {
  const { arn: cluster, resourceId } = vault.database;
  const endpointPolicy = vault.endpointPolicy('secretsmanager');
  return [
    ...[...DATABASE_USERS, 'vault_master'].map((user) =>
      plain('rds-db:connect', user, vault.arn('rds-db', `dbuser:${resourceId}/${user}`)),
    ),
    plain('secretsmanager:GetSecretValue', 'master secret', vault.masterSecret(), {
      // RDS tags the secrets that it keeps
      facts: { resourceTags: { 'aws:rds:primaryDBClusterArn': cluster } },
      endpointPolicy,
    }),
    ...signingSecret(vault).map((request) => ({ ...request, endpointPolicy })),
    plain('rds:ModifyDBCluster', 'database', cluster),
  ];
}

function signingSecret({ signingSecret: secret }: VaultPolicies): readonly Request[] {
  if (secret === undefined) return [];
  const { arn: resource, tags: resourceTags } = secret;
  return [
    plain('secretsmanager:GetSecretValue', 'signing secret', resource, { facts: { resourceTags } }),
    plain('secretsmanager:PutSecretValue', 'signing secret', resource, { facts: { resourceTags } }),
    plain('secretsmanager:UntagResource', 'signing secret', resource, {
      facts: { resourceTags, input: { tagKeys: ['share-vault:environment'] } },
    }),
  ];
}

/** Senders find the key to encrypt to by these, and the command line the secret to fill. */
function parameters(vault: VaultPolicies): readonly Request[] {
  const kids = [...vault.rsaKeys('webhook').keys()];
  const named = kids.map((kid) => [kids.length === 1 ? 'webhook key' : `webhook key ${kid}`, `keys/webhook/${kid}`]);
  const secret = vault.signingSecret === undefined ? [] : [['signing secret', 'webhook/secret']];
  return [...named, ...secret].map(([name = '', path = '']) =>
    plain('ssm:PutParameter', `of the ${name}`, vault.arn('ssm', `parameter/share-vault/${vault.environment}/${path}`)),
  );
}

/** A change of the API can turn deliveries away. Its ARN is spelled for the evaluator: see `asEvaluated`. */
function webhookApi({ webhookApi: id, place }: VaultPolicies): readonly Request[] {
  if (id === undefined) return [];
  return ['apigateway:DELETE', 'apigateway:PATCH', 'apigateway:PUT'].map((action) =>
    plain(action, "webhook's API", asEvaluated(`arn:aws:apigateway:${place.region}::/apis/${id}`)),
  );
}

function roles(vault: VaultPolicies): readonly Request[] {
  return existing(vault, ['seal', ...OPENING]).flatMap(([operation, { name }]) => {
    const role = vault.roleOfFunction(name);
    return [
      plain('sts:AssumeRole', `${operation}'s role`, role.arn, { resourcePolicy: trustPolicy(role) }),
      ...['iam:UpdateAssumeRolePolicy', 'iam:AttachRolePolicy', 'iam:PutRolePolicy'].map((action) =>
        plain(action, `${operation}'s role`, role.arn),
      ),
      plain('iam:PassRole', `${operation}'s role, to a function`, role.arn, {
        context: { 'iam:PassedToService': 'lambda.amazonaws.com' },
      }),
    ];
  });
}

/** The state machine that reseals: its role may invoke the only function that opens and seals. */
function stateMachine(vault: VaultPolicies): readonly Request[] {
  if (vault.function('reseal') === undefined) return [];
  const name = functionName(vault.environment, 'reseal');
  const machine = vault.arn('states', `stateMachine:${name}`);
  return [
    ...['StartExecution', 'UpdateStateMachine', 'DeleteStateMachine', 'CreateStateMachineAlias'].map((action) =>
      plain(`states:${action}`, 'reseal', machine),
    ),
    ...['StopExecution', 'RedriveExecution'].map((action) =>
      plain(`states:${action}`, 'reseal', vault.arn('states', `execution:${name}:run`)),
    ),
  ];
}

function stack(vault: VaultPolicies): readonly Request[] {
  return [
    plain('iam:CreatePolicyVersion', "unseal's permissions", vault.managedPolicyArn('unseal')),
    ...['cloudformation:UpdateStack', 'cloudformation:CreateChangeSet'].map((action) =>
      plain(
        action,
        'stack',
        vault.arn('cloudformation', `stack/${vault.place.stack}/018f0000-0000-7000-8000-000000000000`),
      ),
    ),
  ];
}

function functionArn(vault: VaultPolicies, operation: FunctionKey, qualifier = ''): string {
  const name = functionName(vault.environment, operation);
  return vault.arn('lambda', `function:${name}${qualifier === '' ? '' : `:${qualifier}`}`);
}

function plain(action: string, label: string, resource: string, more: Partial<Request> = {}): Request {
  return { name: `${action} ${label}`, action, resource, ...more };
}
