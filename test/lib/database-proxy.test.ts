import { describe, expect, test } from '@jest/globals';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { POOLED_USERS } from '../../lib/private/database-route';
import { statementsOf } from '../support/statements';
import { testVault } from '../support/vault';

interface Resource {
  readonly Properties: Readonly<Record<string, unknown>>;
}

const PROXIED = { rdsProxy: {}, webhook: {} };
const handlerOf = (name: unknown) => String(name).replace('share-vault-staging-', '');
const functionsOf = (template: ReturnType<ReturnType<typeof testVault>['template']>) =>
  Object.values(template.findResources('AWS::Lambda::Function') as Record<string, Resource>)
    .map(({ Properties }) => Properties)
    .filter(({ FunctionName }) => typeof FunctionName === 'string' && FunctionName.startsWith('share-vault-'))
    .filter(({ VpcConfig }) => VpcConfig !== undefined);
const variablesOf = (properties: Readonly<Record<string, unknown>>) =>
  (properties.Environment as { Variables: Record<string, unknown> }).Variables;

describe('a vault with rdsProxy', () => {
  const { template } = testVault(PROXIED);

  test('has a proxy that requires TLS and IAM on both sides, and logs no statement', () => {
    template().hasResourceProperties('AWS::RDS::DBProxy', {
      EngineFamily: 'POSTGRESQL',
      DefaultAuthScheme: 'IAM_AUTH',
      RequireTLS: true,
      DebugLogging: false,
      Auth: Match.absent(),
    });
    template().hasResourceProperties('AWS::RDS::DBProxyTargetGroup', {
      ConnectionPoolConfigurationInfo: { MaxConnectionsPercent: 75, SessionPinningFilters: Match.absent() },
    });
  });

  test('sends the functions of callers through the proxy, and no function that keeps its session', () => {
    const pooled = functionsOf(template())
      .filter((properties) => variablesOf(properties).SHARE_VAULT_DB_POOLED === 'true')
      .map(({ FunctionName }) => handlerOf(FunctionName));
    expect(pooled.sort()).toEqual(
      ['audit', 'freeze', 'properties', 'receive', 'revoke', 'seal', 'thaw', 'unseal'].sort(),
    );
    for (const properties of functionsOf(template())) {
      const variables = variablesOf(properties);
      const through = variables.SHARE_VAULT_DB_POOLED === 'true';
      expect(variables.SHARE_VAULT_DB_CA_FILE).toBe(through ? 'amazon-trust' : '/var/runtime/ca-cert.pem');
      expect(variables.SHARE_VAULT_DB_PORT).toBe(through ? '5432' : '5433');
    }
  });

  test('lets each function log in to the proxy as its own user only, and to the database not at all', () => {
    const allowed = statementsOf(template(), 'AWS::IAM::ManagedPolicy')
      .map((statement) => JSON.stringify(statement))
      .filter((statement) => statement.includes('"rds-db:connect"'));
    const throughProxy = allowed.filter((statement) => statement.includes('AllowProxyLoginAs'));
    const users = throughProxy.map((statement) => [...statement.matchAll(/vault_[a-z]+/g)].map(([user]) => user));
    expect(users.map((each) => each.length)).toEqual(users.map(() => 1));
    expect(users.flat().sort()).toEqual([...POOLED_USERS].sort());
    const others = allowed.filter((statement) => !throughProxy.includes(statement));
    const roles = others.filter((statement) => POOLED_USERS.some((user) => statement.includes(`/${user}"`)));
    // the proxy's own, for all users
    expect(roles).toHaveLength(1);
    expect(roles[0]).toContain('"AllowLogin');
  });

  test('reserves no concurrency: executions share connections', () => {
    const reserved = functionsOf(template()).filter(({ ReservedConcurrentExecutions: n }) => n !== undefined);
    expect(reserved).toEqual([]);
  });

  test('with a minCapacity of 0 is refused', () => {
    expect(() => testVault({ ...PROXIED, minCapacity: 0 })).toThrow(/rdsProxy: expected none with a minCapacity of 0/);
  });

  test.each([5, 95, 50.5])('refuses %d percent of the connections', (maxConnectionsPercent) => {
    expect(() => testVault({ rdsProxy: { maxConnectionsPercent } })).toThrow(/maxConnectionsPercent/);
  });
});

describe('a vault without rdsProxy', () => {
  const reservedIn = (props: Parameters<typeof testVault>[0]) =>
    Object.fromEntries(
      functionsOf(testVault({ webhook: {}, ...props }).template()).flatMap(
        ({ FunctionName, ReservedConcurrentExecutions: n }) =>
          n === undefined ? [] : [[String(FunctionName).replace(/^share-vault-[a-z]+-/, ''), n]],
      ),
    );

  test('reserves a share of the connections for each function of callers, and none for the others', () => {
    expect(reservedIn({})).toEqual({
      ...{ receive: 96, seal: 77, unseal: 135, revoke: 19, properties: 30, audit: 11, freeze: 3, thaw: 3 },
    });
  });

  test.each([{ environment: 'dev' }, { reserveConcurrency: false }])('reserves nothing with %j', (props) => {
    expect(reservedIn(props)).toEqual({});
  });

  test('gives reservedConcurrency to each function, and warns if that is more than the database has', () => {
    expect(reservedIn({ reservedConcurrency: 5 })).toMatchObject({ unseal: 5, receive: 5 });
    const { stack } = testVault({ reservedConcurrency: 200 });
    const [warning] = Annotations.fromStack(stack).findWarning(
      '*',
      Match.stringLikeRegexp('can need 1600 connections'),
    );
    expect(warning).toBeDefined();
  });
});
