import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import type { RevokeResponse } from '../../lambda/contract/responses';
import { VaultError } from '../../lambda/contract/errors';
import type { Handler } from '../../lambda/invocation/handler';
import type { Revocation, WalletKey } from '../../lambda/store/store';

/** The handler over a store that records its calls. */
const environment = { ...process.env };
const stored: WalletKey[] = [];
const revoked: string[] = [];
const given: (readonly string[])[] = [];
let revoke: (wallet: WalletKey) => Promise<Revocation>;
let handler: Handler;

beforeAll(async () => {
  const store = {
    walletsOf: () => Promise.resolve(stored),
    revoke: (wallet: WalletKey, kinds: readonly string[]) => {
      revoked.push(wallet.chain);
      given.push(kinds);
      return revoke(wallet);
    },
  };
  jest.doMock('../../lambda/store/postgres', () => ({ createPostgresStore: () => store }));
  handler = (await import('../../lambda/revoke')).handler;
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'unused',
    SHARE_VAULT_ENVIRONMENT: 'local',
    SHARE_VAULT_ACTORS: JSON.stringify({ signer: ['delegated-share'], both: ['server-key-shares', 'delegated-share'] }),
    SHARE_VAULT_BACKUP_DAYS: '35',
    SHARE_VAULT_DB_HOST: '127.0.0.1',
    SHARE_VAULT_DB_PORT: '9',
    SHARE_VAULT_DB_NAME: 'vault',
    SHARE_VAULT_DB_USER: 'vault_revoker',
    SHARE_VAULT_DB_CA_FILE: '/nowhere.pem',
    SHARE_VAULT_DB_AUTH: 'iam',
  });
  jest.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterAll(() => {
  jest.restoreAllMocks();
  process.env = environment;
});
beforeEach(() => {
  revoked.length = 0;
  given.length = 0;
  stored.splice(0, stored.length, { walletId: 'wallet', chain: 'evm' }, { walletId: 'wallet', chain: 'eVm' });
});

const contextOf = (actor: string) =>
  ({
    awsRequestId: 'request-1',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:111122223333:function:revoke:${actor}`,
    getRemainingTimeInMillis: () => 1_000,
  }) as Context;
const ask = (chain = 'EVM', changes: object = {}, actor = 'signer') =>
  handler({ walletId: 'wallet', chain, reason: 'test', ...changes }, contextOf(actor));
const nothing: Revocation = { revoked: 0, revokedAt: new Date(), known: false };

describe('revoke', () => {
  test('counts the destroyed records of every spelling, and returns the last day on which a backup has them', async () => {
    const days = new Map([['EVM', 1], ['evm', 3], ['eVm', 2]]); // prettier-ignore
    revoke = ({ chain }) =>
      Promise.resolve({
        revoked: 2,
        revokedAt: new Date(Date.UTC(2026, 0, days.get(chain) ?? 0)),
        known: chain === 'evm',
      });

    expect((await ask()) as RevokeResponse).toEqual({
      revoked: 6,
      unreadableAfter: '2026-02-07T00:00:00.000Z',
      kinds: ['delegated-share'],
      known: true,
    });
    expect(revoked).toEqual(['EVM', 'evm', 'eVm']);
  });

  test.each(['EVM', 'evm', 'eVm'])(
    'destroys every other spelling if %s can not be destroyed, and fails',
    async (kept) => {
      revoke = ({ chain }) =>
        chain === kept
          ? Promise.reject(new VaultError('StoreUnavailable', 'held'))
          : Promise.resolve({ revoked: 1, revokedAt: new Date(), known: true });

      await expect(ask()).rejects.toThrow('held');
      expect(revoked).toEqual(['EVM', 'evm', 'eVm']);
    },
  );

  test.each([
    ['signer', {}, ['delegated-share']],
    ['both', {}, ['delegated-share', 'server-key-shares']],
    ['both', { kinds: ['server-key-shares'] }, ['server-key-shares']],
  ])('as actor %s with %j destroys exactly the kinds %j', async (actor, changes, kinds) => {
    stored.length = 0;
    revoke = () => Promise.resolve(nothing);

    await expect(ask('EVM', changes, actor)).resolves.toMatchObject({ revoked: 0, known: false, kinds });
    expect(given).toEqual([kinds]);
  });

  test.each([[['server-key-shares']], [['delegated-share', 'server-key-shares']]])(
    'refuses the kinds %j of an actor that was given delegated shares only, and destroys nothing',
    async (kinds) => {
      await expect(ask('EVM', { kinds })).rejects.toThrowWithCode('ActorRequired');
      expect(given).toEqual([]);
    },
  );

  test('refuses a chain that names no wallet, stored or not', async () => {
    await expect(ask('a.b')).rejects.toThrow('expected the name of a wallet, got another text');
    expect(revoked).toEqual([]);
  });
});
