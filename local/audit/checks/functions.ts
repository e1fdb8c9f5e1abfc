import { isDeepStrictEqual } from 'node:util';
import { OUTSIDE, partsOf } from './elsewhere';
import { type Check, both, every, is, oneOf, problems } from './finding';
import { type Resource, type VaultTemplate, at, list, ofType } from './template';

const FUNCTION = 'AWS::Lambda::Function';
/** The CDK's own helpers hold no material and run at deploy only. */
const ours = ({ id }: Resource) => id.startsWith('Vault');
/** The deletion guard, too, runs at deploy only: CloudFormation calls it, and it calls RDS, outside the network. */
const handlers = (resource: Resource) => ours(resource) && !resource.id.startsWith('VaultDatabaseGuard');

/** Lambda.2: of the CDK's helpers too. */
export const runtimesAreCurrent = every(FUNCTION, ['Runtime'], oneOf('nodejs24.x'));

/** Lambda.3 and .5. */
export const functionsLiveInTheNetwork: Check = (template) =>
  problems(FUNCTION, ofType(template, FUNCTION).filter(handlers), ({ properties }) => [
    ...(list(at(properties, 'VpcConfig', 'SubnetIds')).length < 2 ? ['expected subnets in two zones, got fewer'] : []),
    ...(hasItsGroups(properties) ? [] : ["expected the functions' security group, got another number"]),
  ]);

/** Only functions that call keys or stores outside AWS have a second group. */
function hasItsGroups(properties: unknown): boolean {
  const groups = list(at(properties, 'VpcConfig', 'SecurityGroupIds'));
  const both = ['VaultNetworkFunctions', OUTSIDE].map((id) => `\${${id}.GroupId}`);
  return groups.length === 1 || (partsOf(properties).calls && isDeepStrictEqual(groups, both));
}

export const variablesAreEncrypted = every(FUNCTION, ['KmsKeyArn'], is('${VaultStorageKey.Arn}'), ours);

export const functionsAreTraced = every(FUNCTION, ['TracingConfig', 'Mode'], is('Active'), handlers);

export const functionsLogToTheirOwn: Check = (template) => {
  const groups = ofType(template, 'AWS::Logs::LogGroup').map(({ id }) => `\${${id}}`);
  return every(
    FUNCTION,
    ['LoggingConfig', 'LogGroup'],
    { expected: 'a log group of the template', holds: (value) => groups.includes(String(value)) },
    ours,
  )(template);
};

/** A material must not lie in a queue, and no call is retried without the caller's knowledge. */
export const callsAreNeverQueued: Check = (template) => [
  ...both(
    every('AWS::Lambda::EventInvokeConfig', ['MaximumRetryAttempts'], is(0)),
    every('AWS::Lambda::EventInvokeConfig', ['DestinationConfig'], is(undefined)),
    every(FUNCTION, ['DeadLetterConfig'], is(undefined), ours),
  )(template),
  ...targets(template)
    .filter(({ qualifier }) => !qualifiers(template).some((each) => each.includes(qualifier)))
    .map(({ id }) => ({ resource: id, problem: 'expected its asynchronous retries to be set, got the default' })),
];

/** Lambda.1: neither a URL nor a queue leads to a function. */
export const nothingElseCalls: Check = (template) =>
  ['AWS::Lambda::Url', 'AWS::Lambda::EventSourceMapping']
    .flatMap((type) => ofType(template, type))
    .map(({ id, type }) => ({ resource: id, problem: `expected functions without, got ${type}` }));

/** Returns each function, unqualified, and each alias, with the text that its configuration is found by. */
function targets(template: VaultTemplate): readonly { readonly id: string; readonly qualifier: string }[] {
  return [
    ...ofType(template, FUNCTION)
      .filter(handlers)
      .map(({ id }) => ({ id, qualifier: `\${${id}} $LATEST` })),
    // the CDK takes an alias's name out of its ARN
    ...ofType(template, 'AWS::Lambda::Alias').map(({ id }) => ({ id, qualifier: `"\${${id}}"` })),
  ];
}

function qualifiers(template: VaultTemplate): readonly string[] {
  return ofType(template, 'AWS::Lambda::EventInvokeConfig').map(({ properties }) => {
    const qualifier = at(properties, 'Qualifier');
    const named = typeof qualifier === 'string' ? qualifier : JSON.stringify(qualifier);
    return `${String(at(properties, 'FunctionName'))} ${named}`;
  });
}
