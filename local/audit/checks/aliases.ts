import { isDeepStrictEqual } from 'node:util';
import { type Check, problems } from './finding';
import { type VaultTemplate, at, ofType, roleOf } from './template';

const ALIAS = 'AWS::Lambda::Alias';
const TRIGGER = 'Custom::Trigger';

/** An alias that served before its schema stood would lose calls. */
export const aliasesWaitForMigrations: Check = (template) => {
  const triggers = ofType(template, TRIGGER).map(({ id }) => id);
  return problems(ALIAS, ofType(template, ALIAS), ({ dependsOn }) =>
    triggers.length > 0 && triggers.every((id) => dependsOn.includes(id))
      ? []
      : ['expected to come after the migrations, got no dependency on them'],
  );
};

export const aliasesNameAVersion: Check = (template) =>
  problems(ALIAS, ofType(template, ALIAS), ({ properties }) => {
    const named = String(at(properties, 'FunctionVersion'));
    const own = ofType(template, 'AWS::Lambda::Version').some(
      (version) =>
        named === `\${${version.id}.Version}` &&
        at(version.properties, 'FunctionName') === at(properties, 'FunctionName'),
    );
    return own ? [] : [`expected a version of its own function, got ${named}`];
  });

const BEFORE_MIGRATIONS = [
  'AWS::RDS::DBCluster',
  'AWS::RDS::DBInstance',
  'AWS::EC2::VPCEndpoint',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
];

/** The writer is up, the way to it open and the role allowed, before the first migration runs. */
export const migrationsWaitForTheirWay: Check = (template) =>
  problems(TRIGGER, ofType(template, TRIGGER), ({ dependsOn }) =>
    [...BEFORE_MIGRATIONS.flatMap((type) => idsOf(template, type)), 'VaultMigrationFunctionRolePermissions']
      .filter((id) => !dependsOn.includes(id))
      .map((id) => `expected to come after ${id}, got no dependency on it`),
  );

/** The role alone says nothing: a function made before its policy can't make its network interfaces. */
export const functionsWaitForTheirPolicy: Check = (template) =>
  problems(
    'AWS::Lambda::Function',
    ofType(template, 'AWS::Lambda::Function').filter(({ id }) => id.startsWith('Vault')),
    ({ properties, dependsOn }) => {
      const role = roleOf(properties);
      return dependsOn.includes(`${role}Permissions`) ? [] : [`expected to come after ${role}Permissions, got before`];
    },
  );

/** Whoever may invoke a function without naming an actor is refused by the handler; IAM should refuse first. */
export const permissionsNameAnAlias: Check = (template) => {
  const aliases = ofType(template, ALIAS).map(({ properties }) => String(at(properties, 'Name')));
  return ofType(template, 'AWS::Lambda::Permission')
    .filter(({ properties }) => !aliases.includes(String(at(properties, 'FunctionName')).replace(/^.*:/, '')))
    .map(({ id }) => ({ resource: id, problem: 'expected the name of an alias, got a function without one' }));
};

const INVOKED_FOR: Readonly<Record<string, readonly [alias: string, source: string]>> = {
  'apigateway.amazonaws.com': [
    'receive:live',
    'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${VaultWebhookApi}/*/POST/webhooks/dynamic',
  ],
  'events.amazonaws.com': ['migrate:sweep', '${VaultMigrationSweep.Arn}'],
};

/**
 * Lambda.1: to accounts by their number, and to services for the one thing that calls, which its ARN says to be this
 * account's; never to everyone. The account by itself might not be sent, and would then refuse.
 */
export const permissionsNameTheirCaller: Check = (template) =>
  ofType(template, 'AWS::Lambda::Permission').flatMap(({ id, properties }) => {
    const principal = String(at(properties, 'Principal'));
    const [alias, source] = INVOKED_FOR[principal] ?? [];
    const problem = alias
      ? isDeepStrictEqual([at(properties, 'SourceArn'), at(properties, 'SourceAccount')], [source, undefined]) &&
        String(at(properties, 'FunctionName')).endsWith(`-${alias}`)
        ? undefined
        : `expected ${principal} for ${alias} and its one source, got ${JSON.stringify(properties)}`
      : /^\d{12}$/.test(principal)
        ? undefined
        : `expected an account or a known service, got ${principal}`;
    return problem === undefined ? [] : [{ resource: id, problem }];
  });

function idsOf(template: VaultTemplate, type: string): readonly string[] {
  return ofType(template, type).map(({ id }) => id);
}
