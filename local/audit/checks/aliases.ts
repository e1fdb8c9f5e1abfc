import { isDeepStrictEqual } from 'node:util';
import { type Check, problems } from './finding';
import { type VaultTemplate, at, ofType, roleOf } from './template';

const ALIAS = 'AWS::Lambda::Alias';
const TRIGGER = 'Custom::Trigger';

/** An alias that serves before its schema exists would lose calls. */
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

/** The first migration runs after the writer, the network path to it and the role's permissions exist. */
export const migrationsWaitForTheirWay: Check = (template) =>
  problems(TRIGGER, ofType(template, TRIGGER), ({ dependsOn }) =>
    [...BEFORE_MIGRATIONS.flatMap((type) => idsOf(template, type)), 'VaultMigrationFunctionRolePermissions']
      .filter((id) => !dependsOn.includes(id))
      .map((id) => `expected to come after ${id}, got no dependency on it`),
  );

/** The role is not enough: a function that is created before its policy can't create network interfaces. */
export const functionsWaitForTheirPolicy: Check = (template) =>
  problems(
    'AWS::Lambda::Function',
    ofType(template, 'AWS::Lambda::Function').filter(({ id }) => id.startsWith('Vault')),
    ({ properties, dependsOn }) => {
      const role = roleOf(properties);
      return dependsOn.includes(`${role}Permissions`) ? [] : [`expected to come after ${role}Permissions, got before`];
    },
  );

/** The handler refuses a caller that names no actor; IAM should refuse it first. */
export const permissionsNameAnAlias: Check = (template) => {
  const aliases = ofType(template, ALIAS).map(({ properties }) => String(at(properties, 'Name')));
  return ofType(template, 'AWS::Lambda::Permission')
    .filter(({ properties }) => !aliases.includes(String(at(properties, 'FunctionName')).replace(/^.*:/, '')))
    .map(({ id }) => ({ resource: id, problem: 'expected the name of an alias, got a function without one' }));
};

const INVOKED_FOR: Readonly<Record<string, readonly (readonly [alias: string, source: string])[]>> = {
  'apigateway.amazonaws.com': [
    [
      'receive:live',
      'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${VaultWebhookApi}/*/POST/webhooks/dynamic',
    ],
  ],
  'events.amazonaws.com': [
    ['migrate:sweep', '${VaultMigrationSweep.Arn}'],
    ['restore-check:check', '${VaultRestoreTestingCanary.Arn}'],
  ],
};

/**
 * Lambda.1: an account is named by its number, a service together with the ARN of the only resource that calls, and
 * never everyone. The ARN holds the account; a condition on the account would refuse calls that don't send it.
 */
export const permissionsNameTheirCaller: Check = (template) =>
  ofType(template, 'AWS::Lambda::Permission').flatMap(({ id, properties }) => {
    const principal = String(at(properties, 'Principal'));
    const known = INVOKED_FOR[principal] ?? [];
    const name = String(at(properties, 'FunctionName'));
    const [alias, source] = known.find(([each]) => name.endsWith(`-${each}`)) ?? known[0] ?? [];
    const problem = alias
      ? isDeepStrictEqual([at(properties, 'SourceArn'), at(properties, 'SourceAccount')], [source, undefined]) &&
        name.endsWith(`-${alias}`)
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
