import { isDeepStrictEqual } from 'node:util';
import { isLink, passesElsewhere } from './elsewhere';
import { type Check, problems } from './finding';
import { allows, denies } from './statements';
import { type Resource, type VaultTemplate, at, list, ofType } from './template';

const ENDPOINT = 'AWS::EC2::VPCEndpoint';
const OWN_ACCOUNT_ONLY = { StringNotEquals: { 'aws:PrincipalAccount': '${AWS::AccountId}' } };

/**
 * EC2.10: an endpoint admits one operation of one role on one resource, and no credentials of another account. Only an
 * endpoint for somebody's own service can't have a policy.
 */
export const endpointsHaveAPolicy: Check = (template) =>
  eachEndpoint(template, (endpoint) => {
    const { properties } = endpoint;
    const document = at(properties, 'PolicyDocument');
    if (document === undefined && isLink(endpoint)) return [];
    if (document === undefined) return ['expected a policy, got none: everything passes'];
    const own = denies(document).some(({ conditions }) => isDeepStrictEqual(conditions, OWN_ACCOUNT_ONLY));
    const wide = allows(document).filter(
      (statement) =>
        ([...statement.actions, ...statement.resources].some((each) => each.endsWith('*')) &&
          !passesElsewhere(statement, template)) ||
        !namesRoles(list(at(statement.conditions, 'ArnEquals', 'aws:PrincipalArn'))),
    );
    return [
      ...(own ? [] : ['expected other accounts to be denied, got no such statement']),
      ...wide.map(({ actions }) => `expected ${actions.join()} for a role on a resource, got it wider`),
    ];
  });

/** Only `dev` saves the second zone. */
export const endpointsSpanZones: Check = (template) =>
  eachEndpoint(template, ({ properties }) =>
    list(at(properties, 'SubnetIds')).length < (template.environment === 'dev' ? 1 : 2)
      ? ['expected subnets in two zones, got fewer']
      : [],
  );

/** Functions in an isolated network call these two services by their usual names, and no other. */
export const endpointsServeTheFunctions: Check = (template) => {
  const served = ofType(template, ENDPOINT)
    .filter(({ properties }) => at(properties, 'PrivateDnsEnabled') === true)
    .map(({ properties }) => at(properties, 'ServiceName'));
  return ['kms', 'secretsmanager']
    .map((service) => `com.amazonaws.\${AWS::Region}.${service}`)
    .filter((service) => !served.includes(service))
    .map((service) => ({ resource: ENDPOINT, problem: `expected one with private DNS for ${service}, got none` }));
};

function namesRoles(principals: readonly unknown[]): boolean {
  return principals.length > 0 && principals.every((arn) => /^\$\{Vault\w+Role\.Arn\}$/.test(String(arn)));
}

function eachEndpoint(template: VaultTemplate, of: (endpoint: Resource) => readonly string[]) {
  return problems(ENDPOINT, ofType(template, ENDPOINT), of);
}
