import { describe, expect, test } from '@jest/globals';
import { KINDS, type Kind } from '../../../lambda/contract/kinds';
import type { WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import {
  at,
  caller,
  deliveredRecord,
  minutesFromNow,
  newDelivery,
  newRecordOf,
  newWallet,
  outcomes,
  query,
} from './fixtures';
import { auditor, database, problemOf, receiver, revoker, sealer, superuser, unsealer, useStores } from './stores';

useStores(['receiver', 'sealer', 'unsealer', 'revoker', 'auditor']);

const [SHARE, KEY_SHARES] = KINDS;

const seal = (kind: Kind, wallet: WalletKey) => sealer.seal(newRecordOf(kind, wallet), caller, soon());
const open = (kind: Kind, wallet: WalletKey) => unsealer.unseal(query(wallet, { kind }), caller, soon());
const revoke = (wallet: WalletKey, ...kinds: readonly Kind[]) => revoker.revoke(wallet, kinds, 'lost', caller, soon());
const deliver = (wallet: WalletKey, time = minutesFromNow(1)) =>
  receiver.receiveCreated(deliveredRecord(wallet), newDelivery(time), soon());

/** Returns a wallet that has a record of both kinds. */
async function walletOfBoth(): Promise<WalletKey> {
  const wallet = newWallet();
  for (const kind of KINDS) await seal(kind, wallet);
  return wallet;
}

describe('a revocation by Dynamic', () => {
  test('destroys the delegated share, and keeps the server key shares', async () => {
    const wallet = await walletOfBoth();

    await expect(receiver.receiveRevoked(wallet, newDelivery(minutesFromNow(0)), soon())).resolves.toBe('revoked');

    await expect(open(SHARE, wallet)).rejects.toThrowWithCode('Revoked');
    await expect(open(KEY_SHARES, wallet)).resolves.toMatchObject({ accessCount: 1 });
    await expect(auditor.records(wallet, soon())).resolves.toMatchObject({ records: [{ kind: KEY_SHARES }] });
  });

  test.each([
    ['of a wallet that was sealed before', true],
    ['of a wallet that was never seen', false],
  ])('%s leaves no tombstone for server key shares', async (_, sealedBefore) => {
    const wallet = newWallet();
    if (sealedBefore) await seal(SHARE, wallet);
    await receiver.receiveRevoked(wallet, newDelivery(at(1)), soon());

    await expect(seal(KEY_SHARES, wallet)).resolves.toBeDefined();

    await expect(open(KEY_SHARES, wallet)).resolves.toMatchObject({ accessCount: 1 });
    await expect(seal(SHARE, wallet)).rejects.toThrowWithCode('Revoked');
    await expect(auditor.records(wallet, soon())).resolves.not.toHaveProperty('serverKeySharesRevokedAt');
  });
});

describe('a revocation by a caller', () => {
  test.each([
    [SHARE, KEY_SHARES],
    [KEY_SHARES, SHARE],
  ])('of %s destroys all its records, and leaves %s', async (revoked, kept) => {
    const wallet = newWallet();
    const { recordId } = await seal(revoked, wallet);
    await sealer.seal(newRecordOf(revoked, wallet, { supersedes: recordId }), caller, soon());
    await seal(kept, wallet);

    await expect(revoke(wallet, revoked)).resolves.toMatchObject({ revoked: 2, known: true });

    await expect(open(revoked, wallet)).rejects.toThrowWithCode('Revoked');
    await expect(seal(revoked, wallet)).rejects.toThrowWithCode('Revoked');
    await expect(open(kept, wallet)).resolves.toMatchObject({ accessCount: 1 });
    await expect(outcomes(superuser, wallet)).resolves.toEqual([
      'seal sealed',
      'seal sealed',
      'seal sealed',
      `revoke ${revoked}-revoked`,
      'unseal revoked',
      'unseal granted',
    ]);
    await expect(problemOf(wallet)).resolves.toBeUndefined();
  });

  test.each([
    ['both kinds', KINDS, 'revoke revoked'],
    ['delegated shares', [SHARE], `revoke ${SHARE}-revoked`],
    ['server key shares', [KEY_SHARES], `revoke ${KEY_SHARES}-revoked`],
  ] as const)('of %s is logged, and a repeated one too', async (_, kinds, logged) => {
    const wallet = newWallet();
    const first = await revoke(wallet, ...kinds);
    const again = await revoke(wallet, ...kinds);

    expect(first).toEqual({ revoked: 0, revokedAt: expect.any(Date), known: false });
    expect(again).toEqual(first);
    await expect(outcomes(superuser, wallet)).resolves.toEqual([logged, 'revoke already-revoked']);
  });

  test('of both kinds after one of them is logged as a revocation, and returns the latest time', async () => {
    const wallet = await walletOfBoth();
    const first = await revoke(wallet, KEY_SHARES);
    // a time of another millisecond
    await superuser.query('SELECT pg_sleep(0.01)');

    const both = await revoke(wallet, ...KINDS);

    expect(both.revoked).toBe(1);
    expect(both.revokedAt.getTime()).toBeGreaterThan(first.revokedAt.getTime());
    await expect(auditor.records(wallet, soon())).resolves.toEqual({
      records: [],
      revokedAt: both.revokedAt.toISOString(),
      serverKeySharesRevokedAt: first.revokedAt.toISOString(),
    });
    await expect(outcomes(superuser, wallet)).resolves.toContain('revoke revoked');
  });

  test('of server key shares is not lifted by a newer delivery, which lifts that of delegated shares', async () => {
    const wallet = await walletOfBoth();
    await revoke(wallet, ...KINDS);

    await expect(deliver(wallet)).resolves.toBe('sealed');

    await expect(open(SHARE, wallet)).resolves.toMatchObject({ accessCount: 1 });
    await expect(open(KEY_SHARES, wallet)).rejects.toThrowWithCode('Revoked');
    await expect(seal(KEY_SHARES, wallet)).rejects.toThrowWithCode('Revoked');
    const audited = await auditor.records(wallet, soon());
    expect(audited).toMatchObject({ serverKeySharesRevokedAt: expect.any(String), records: [{ kind: SHARE }] });
    expect(audited).not.toHaveProperty('revokedAt');
  });

  test('of server key shares does not make a delivery outdated', async () => {
    const wallet = await walletOfBoth();
    await revoke(wallet, KEY_SHARES);
    await expect(deliver(wallet, at(1))).resolves.toBe('sealed');
  });

  test.each([
    ['no kinds', []],
    ['an unknown kind', ['delegated_share']],
    ['an unknown kind among others', [...KINDS, 'x']],
    ['a missing kind among others', [SHARE, null]],
    ['a missing list', null],
  ])('is refused with %s, and leaves no wallet', async (_, kinds) => {
    const client = await database.login('vault_revoker');
    const { walletId, chain } = newWallet();
    const call = "SELECT vault_api.revoke_kinds($1, $2, $3::text[], 'lost', 'me', 'request-1')";
    await expect(client.query(call, [walletId, chain, kinds])).rejects.toMatchObject({ code: '22023' });
    await client.end();
    await expect(auditor.chainHead({ walletId, chain }, soon())).rejects.toThrowWithCode('NotFound');
  });
});

describe('a wallet', () => {
  test('that has both kinds is opened by kind', async () => {
    const wallet = newWallet();
    const records = KINDS.map((kind) => newRecordOf(kind, wallet));
    for (const record of records) await sealer.seal(record, caller, soon());
    for (const { kind, recordId, sealed } of records)
      await expect(open(kind, wallet)).resolves.toMatchObject({ recordId, sealed, accessCount: 1 });
  });

  test.each([
    [SHARE, KEY_SHARES],
    [KEY_SHARES, SHARE],
  ])('that has only %s has no %s to open', async (kind, missing) => {
    const wallet = newWallet();
    await seal(kind, wallet);
    await expect(open(missing, wallet)).rejects.toThrowWithCode('NotFound');
    await expect(outcomes(superuser, wallet)).resolves.toEqual(['seal sealed', 'unseal not-found']);
  });

  test('whose kinds are both revoked is listed with both times and no record', async () => {
    const wallet = await walletOfBoth();
    const { revokedAt } = await revoke(wallet, ...KINDS);
    await expect(auditor.records(wallet, soon())).resolves.toEqual({
      records: [],
      revokedAt: revokedAt.toISOString(),
      serverKeySharesRevokedAt: revokedAt.toISOString(),
    });
  });
});
