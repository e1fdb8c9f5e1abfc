import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import type { Handler } from '../../lambda/invocation/handler';

/** The handlers of freeze and thaw over a session that records its statements. */
const environment = { ...process.env };
const statements: (readonly unknown[])[] = [];
const out: string[] = [];
let rows: readonly Readonly<Record<string, unknown>>[] = [];
let freeze: Handler;
let thaw: Handler;

const AT = new Date('2026-01-31T12:00:00.000Z');
const ROW = { freeze_id: '7', frozen_at: AT, confirm_until: AT, thawed_at: AT, in_force: '1' };

beforeAll(async () => {
  const session = {
    query: (_sql: string, values: readonly unknown[]) => {
      statements.push(values);
      return Promise.resolve(rows);
    },
  };
  jest.doMock('../../lambda/store/postgres', () => ({ createPostgresStore: () => ({ session }) }));
  freeze = (await import('../../lambda/freeze')).handler;
  thaw = (await import('../../lambda/thaw')).handler;
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'unused',
    SHARE_VAULT_ENVIRONMENT: 'local',
    SHARE_VAULT_ACTORS: JSON.stringify({ guard: [] }),
    SHARE_VAULT_UNSEAL_ACTORS: JSON.stringify(['signer', 'viewer']),
    SHARE_VAULT_DB_HOST: '127.0.0.1',
    SHARE_VAULT_DB_PORT: '9',
    SHARE_VAULT_DB_NAME: 'vault',
    SHARE_VAULT_DB_USER: 'vault_freezer',
    SHARE_VAULT_DB_CA_FILE: '/nowhere.pem',
    SHARE_VAULT_DB_AUTH: 'iam',
  });
  jest.spyOn(process.stdout, 'write').mockImplementation((line) => out.push(String(line)) > 0);
});
afterAll(() => {
  jest.restoreAllMocks();
  process.env = environment;
});
beforeEach(() => {
  statements.length = 0;
  out.length = 0;
  rows = [ROW];
});

const contextOf = (name: string) =>
  ({
    awsRequestId: 'request-1',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:111122223333:function:${name}:guard`,
    getRemainingTimeInMillis: () => 1_000,
  }) as Context;
const callFreeze = (event: unknown) => freeze(event, contextOf('freeze'));
const callThaw = (event: unknown) => thaw(event, contextOf('thaw'));
const freezeOf = (scope: object) => ({ action: 'freeze', freeze: scope, reason: 'ticket 4711' });
const logged = (): unknown[] => out.map((line): unknown => JSON.parse(line));

describe('freeze', () => {
  test.each([
    [{ scope: 'all' }, ['all', undefined]],
    [{ scope: 'callers' }, ['callers', undefined]],
    [{ scope: 'actor', name: 'viewer' }, ['actor', 'viewer']],
    [{ scope: 'kind', name: 'server-key-shares' }, ['kind', 'server-key-shares']],
  ])('passes %j to the database with its reason, its actor and its request', async (scope, values) => {
    await expect(callFreeze(freezeOf(scope))).resolves.toEqual({
      freezeId: 7,
      frozenAt: AT.toISOString(),
      inForce: 1,
    });

    expect(statements).toEqual([[...values, 'ticket 4711', 'guard', 'request-1']]);
  });

  test('refuses an actor that can not unseal, and names those that can', async () => {
    const call = callFreeze(freezeOf({ scope: 'actor', name: 'singer' }));

    await expect(call).rejects.toThrowWithCode('InvalidRequest');
    await expect(call).rejects.toThrow('freeze.name: expected an actor that may unseal (signer, viewer), got another');
    expect(statements).toEqual([]);
  });

  test.each([
    ['no scope', { action: 'freeze', reason: 'x' }],
    ['an unknown scope', freezeOf({ scope: 'everything' })],
    ['a name of all', freezeOf({ scope: 'all', name: 'signer' })],
    ['an unknown kind', freezeOf({ scope: 'kind', name: 'shares' })],
    ['no reason', { action: 'freeze', freeze: { scope: 'all' } }],
    ['a reason of 201 characters', { ...freezeOf({ scope: 'all' }), reason: 'x'.repeat(201) }],
    ['a confirmation', { action: 'confirm-thaw', freezeId: 7 }],
    ['another member', { ...freezeOf({ scope: 'all' }), actor: 'other' }],
    ['a freeze of number 0', { action: 'request-thaw', freezeId: 0, reason: 'x' }],
  ])('refuses a request with %s before it reaches the database', async (_what, event) => {
    await expect(callFreeze(event)).rejects.toThrowWithCode('InvalidRequest');
    expect(statements).toEqual([]);
  });

  test('logs how many freezes are in force, and a request to thaw as one', async () => {
    await callFreeze(freezeOf({ scope: 'all' }));
    await callFreeze({ action: 'request-thaw', freezeId: 7, reason: 'over' });

    expect(logged()).toMatchObject([
      { event: 'answered', function: 'freeze', actor: 'guard', frozen: 1, Frozen: 1 },
      { event: 'answered', function: 'freeze', actor: 'guard', thaw: 'requested', ThawRequested: 1 },
    ]);
    expect(logged()[1]).not.toHaveProperty('Frozen');
    expect(out.join('')).not.toMatch(/ticket|over/);
  });
});

describe('thaw', () => {
  test('passes a confirmation to the database with its actor, and logs it', async () => {
    rows = [{ ...ROW, in_force: '0' }];
    await expect(callThaw({ action: 'confirm-thaw', freezeId: 7 })).resolves.toEqual({
      thawedAt: AT.toISOString(),
      inForce: 0,
    });

    expect(statements).toEqual([[7, 'guard', 'request-1']]);
    expect(logged()).toMatchObject([{ function: 'thaw', actor: 'guard', thaw: 'confirmed', Frozen: 0, Thawed: 1 }]);
  });

  test.each([
    ['a freeze', freezeOf({ scope: 'all' })],
    ['a request to thaw', { action: 'request-thaw', freezeId: 7, reason: 'over' }],
    ['a confirmation with a reason', { action: 'confirm-thaw', freezeId: 7, reason: 'over' }],
  ])('refuses %s', async (_what, event) => {
    await expect(callThaw(event)).rejects.toThrowWithCode('InvalidRequest');
    expect(statements).toEqual([]);
  });
});

describe('a list of freezes', () => {
  test.each([
    ['freeze', callFreeze],
    ['thaw', callThaw],
  ])(
    'is returned by %s with the number of those in force, which is logged only if there are none',
    async (_name, call) => {
      const fact = { freeze_id: '7', scope: 'all', reason: 'r', frozen_by: 'guard', frozen_at: AT };
      rows = [fact, { ...fact, freeze_id: '6', thaw_requested_by: 'guard', thawed_by: 'second', thawed_at: AT }];

      await expect(call({ action: 'list' })).resolves.toMatchObject({
        inForce: 1,
        freezes: [{ freezeId: 7 }, { freezeId: 6, thawedBy: 'second' }],
      });
      // it would outweigh the 0 of a thaw in the same minute
      expect(logged()[0]).not.toHaveProperty('Frozen');

      rows = [];
      await call({ action: 'list' });
      expect(logged()[1]).toMatchObject({ Frozen: 0 });
    },
  );
});
