import { describe, expect, test } from '@jest/globals';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { OTHER_CONNECTIONS, maxConnections } from '../../lib/private/connection-shares';
import { reservationOf } from '../../lib/private/reservation';
import { Parts } from '../support/values/parts';
import { testVault } from '../support/vault';

interface FunctionProperties {
  readonly FunctionName?: unknown;
  readonly ReservedConcurrentExecutions?: number;
  readonly Environment?: { readonly Variables: Readonly<Record<string, unknown>> };
}

/** Returns the functions of a template that reserve executions. */
function reserving(props: Parameters<typeof testVault>[0]) {
  const functions = testVault({ webhook: {}, ...props })
    .template()
    .findResources('AWS::Lambda::Function') as Readonly<Record<string, { readonly Properties: FunctionProperties }>>;
  return Object.values(functions).flatMap(({ Properties }) => {
    const { FunctionName, ReservedConcurrentExecutions: reserved, Environment } = Properties;
    if (reserved === undefined) return [];
    const name = String(FunctionName).replace(/^share-vault-[a-z]+-/, '');
    return [{ name, reserved, user: String(Environment?.Variables.SHARE_VAULT_DB_USER) }];
  });
}

const reservedIn = (props: Parameters<typeof testVault>[0]) =>
  Object.fromEntries(reserving(props).map(({ name, reserved }) => [name, reserved]));

describe('the reserved concurrency', () => {
  test('is a share of the connections for each function of callers, and none for the others', () => {
    expect(reservedIn({})).toEqual({
      ...{ receive: 96, seal: 77, unseal: 135, revoke: 19, properties: 30, audit: 11, freeze: 3, thaw: 3 },
    });
  });

  test.each([{ environment: 'dev' }, { reserveConcurrency: false }])('is none with %j', (props) => {
    expect(reservedIn(props)).toEqual({});
  });

  test('is reservedConcurrency for each function, and synth warns if that is more than the database has', () => {
    expect(reservedIn({ reservedConcurrency: 5 })).toMatchObject({ unseal: 5, receive: 5 });
    const { stack } = testVault({ reservedConcurrency: 200, webhook: {} });
    const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('can need 1600 connections'));
    expect(warnings).toHaveLength(1);
  });

  test('that is given counts only the functions that exist', () => {
    const { stack } = testVault({ reservedConcurrency: 115 });
    const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('7 functions .* 805 conn'));
    expect(warnings).toHaveLength(1);
  });

  test('is none by default for a function of its own in dev', () => {
    const parts = new Parts();
    const reservedBy = (environment: string) =>
      reservationOf({ environment, handler: 'unseal', database: parts.database });

    expect([reservedBy('dev'), reservedBy('prod')]).toEqual([undefined, 135]);
  });

  test.each([1, 4, 32])('of two versions fits the limit of each login and of the instance at %d ACU', (maxCapacity) => {
    const functions = reserving({ maxCapacity });
    const connections = maxConnections({ minCapacity: 0.5, maxCapacity });
    const byUser = Map.groupBy(functions, ({ user }) => user);
    const sum = (each: typeof functions) => each.reduce((total, { reserved }) => total + 2 * reserved, 0);
    // lambda/store/bootstrap.ts: half for a login, a quarter for a reading one; login-limits.test.ts shows both in PostgreSQL
    const limitOf = (user: string) => Math.floor(connections / (/^vault_(reader|auditor)$/.test(user) ? 4 : 2));
    const excess = [...byUser].filter(([user, each]) => sum(each) > limitOf(user)).map(([user]) => user);

    expect([...byUser.keys()].filter((user) => user.startsWith('vault_'))).toHaveLength(8);
    expect(excess).toEqual([]);
    expect(sum(functions)).toBeLessThanOrEqual(connections - OTHER_CONNECTIONS);
  });
});
