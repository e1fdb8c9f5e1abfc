import { DATABASE_USERS } from './database-users';
import type { Request } from './cell';
import { asEvaluated } from './control-policies';
import { arn, REGION } from './place';
import { shortName } from './principals';
import { trustPolicy, type VaultPolicies } from './vault-policies';

/** The qualifiers that a function can be invoked with: an actor's alias, none, `$LATEST`. */
const QUALIFIERS: Readonly<Record<string, readonly string[]>> = {
  seal: ['backend', 'partner', '', '$LATEST'],
  unseal: ['backend', 'partner', '', '$LATEST'],
  revoke: ['backend', '', '$LATEST'],
  properties: ['backend', '', '$LATEST'],
  audit: ['auditor', '', '$LATEST'],
  receive: ['live', '', '$LATEST'],
  migrate: ['sweep', '', '$LATEST'],
};

/** The functions that hold plain material: unseal before it leaves, receive after it arrives. */
const OPENING = ['unseal', 'receive'];

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
    ...stack(vault),
  ].map((request) => ({ resourcePolicy: vault.policyOf(request.resource), ...request }));
}

function invocations(vault: VaultPolicies): readonly Request[] {
  return Object.entries(QUALIFIERS).flatMap(([operation, qualifiers]) =>
    qualifiers.map((qualifier) =>
      plain(
        'lambda:InvokeFunction',
        `${operation}:${qualifier}`.replace(/:$/, ' without a name'),
        functionArn(vault, operation, qualifier),
      ),
    ),
  );
}

function changesOfFunctions(vault: VaultPolicies): readonly Request[] {
  return OPENING.flatMap((operation) =>
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
    .filter(({ name }) => !name.startsWith('share-vault-'))
    .flatMap((part) =>
      ['lambda:InvokeFunction', 'lambda:UpdateFunctionCode'].map((action) => plain(action, shortName(part), part.arn)),
    );
}

function database(vault: VaultPolicies): readonly Request[] {
  const { arn: cluster, resourceId } = vault.database;
  const endpointPolicy = vault.endpointPolicy('secretsmanager');
  return [
    ...[...DATABASE_USERS, 'vault_master'].map((user) =>
      plain('rds-db:connect', user, arn('rds-db', `dbuser:${resourceId}/${user}`)),
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

function signingSecret({ signingSecret: { arn: resource, tags: resourceTags } }: VaultPolicies): readonly Request[] {
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
  return Object.entries({ 'webhook key': 'keys/webhook/webhook-1', 'signing secret': 'webhook/secret' }).map(
    ([name, path]) =>
      plain('ssm:PutParameter', `of the ${name}`, arn('ssm', `parameter/share-vault/${vault.environment}/${path}`)),
  );
}

/** A change of the API can turn deliveries away. Its ARN is spelled for the evaluator: see `asEvaluated`. */
function webhookApi({ webhookApi: id }: VaultPolicies): readonly Request[] {
  return ['apigateway:DELETE', 'apigateway:PATCH', 'apigateway:PUT'].map((action) =>
    plain(action, "webhook's API", asEvaluated(`arn:aws:apigateway:${REGION}::/apis/${id}`)),
  );
}

function roles(vault: VaultPolicies): readonly Request[] {
  return ['seal', ...OPENING].flatMap((operation) => {
    const role = vault.roleOfFunction(`share-vault-${vault.environment}-${operation}`);
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

function stack(vault: VaultPolicies): readonly Request[] {
  return [
    plain('iam:CreatePolicyVersion', "unseal's permissions", vault.managedPolicyArn('VaultFunctionsunsealRole')),
    ...['cloudformation:UpdateStack', 'cloudformation:CreateChangeSet'].map((action) =>
      plain(action, 'stack', arn('cloudformation', `stack/${vault.stack}/018f0000-0000-7000-8000-000000000000`)),
    ),
  ];
}

function functionArn(vault: VaultPolicies, operation: string, qualifier = ''): string {
  const name = `share-vault-${vault.environment}-${operation}`;
  return arn('lambda', `function:${name}${qualifier === '' ? '' : `:${qualifier}`}`);
}

function plain(action: string, label: string, resource: string, more: Partial<Request> = {}): Request {
  return { name: `${action} ${label}`, action, resource, ...more };
}
