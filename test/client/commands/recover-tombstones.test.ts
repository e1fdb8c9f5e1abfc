import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { material } from '../../support/run';
import { expectRefusal, file, inFolder, keys, outputs, pem, recordOf, recover, row, safe, share, useRecovery } from './support/recovering'; // prettier-ignore
import { type Row, rowOf, sealRow } from './support/recovery-row';

const ORDER = '1795867200000000000';
const UNTIL = '2026-12-01T00:00:00.000Z';

useRecovery();

/** The text of a list with these tombstones of the record's wallet. */
const listOf = (tombstones: readonly object[], first: object = { environment: 'prod' }): string =>
  [first, ...tombstones, { tombstones: tombstones.length, until: UNTIL }]
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
const wallet = { walletId: 'wället-1', chain: 'EVM' };

/** Recovers a record of a delegated share with a list of tombstones. */
function withList(list: string, record: Row = { ...row, order_ns: ORDER }) {
  const key = ['--private-key', file('key.pem', pem(safe))];
  return recover(...recordOf(record), ...key, '--tombstones', file('list', list), ...outputs());
}

describe('share-vault recover with --tombstones', () => {
  test.each([
    ['has no tombstone', []],
    ['was delivered after its revocation', [{ ...wallet, revokedUntilNs: '1795867199999999999' }]],
    ['is of another kind', [{ ...wallet, serverKeySharesRevokedAt: '2026-11-30T00:00:00.000Z' }]],
    ['is of another chain', [{ ...wallet, chain: 'SOL', revokedUntilNs: ORDER }]],
  ])('opens a delegated share that %s, and prints until when the list is complete', async (_what, tombstones) => {
    const { code, stderr } = await withList(listOf(tombstones));

    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(`not revoked by the tombstones until ${UNTIL}\n`),
    });
    expect(readFileSync(inFolder('share'))).toEqual(share);
  });

  test.each([
    ['is as old as its revocation', ORDER, ORDER],
    ['is older than its revocation by a nanosecond', ORDER, '1795867200000000001'],
    ['is older than every event', null, '0'],
  ])('refuses a delegated share that %s, and opens nothing', async (_what, order, revokedUntilNs) => {
    const ran = await withList(listOf([{ ...wallet, revokedUntilNs }]), { ...row, order_ns: order });

    expectRefusal(ran, 4, 'expected a record that was not revoked, got a revoked one of wallet wället-1 on EVM');
  });

  test('refuses revoked server key shares, and opens those whose delegated share was revoked', async () => {
    const record = rowOf(await sealRow('server-key-shares', { serverKeyShares: material(300) }, keys()));
    const key = ['--private-key', file('key.pem', pem(safe)), '--server-key-shares', inFolder('share')];
    const withTombstone = (tombstone: object) =>
      recover(...recordOf(record), ...key, '--tombstones', file('list', listOf([{ ...wallet, ...tombstone }])));

    expectRefusal(
      await withTombstone({ serverKeySharesRevokedAt: '2026-11-30T00:00:00.000Z', revokedUntilNs: '0' }),
      4,
      'got a revoked one',
    );
    expect(await withTombstone({ revokedUntilNs: ORDER })).toMatchObject({ code: 0 });
  });

  test.each([
    ['of another environment', listOf([], { environment: 'dev' }), 5, 'got those of another'],
    ['that begins later', listOf([], { environment: 'prod', since: UNTIL }), 1, `got one since ${UNTIL}`],
    ['that was cut', listOf([]).slice(0, 23), 1, 'expected a line of a list of tombstones'],
    ['with a line that can not be read', listOf([{ ...wallet, chain: 7 }]), 1, 'line 2: expected a line'],
  ])('refuses a list %s', async (_what, list, exit, message) => {
    expectRefusal(await withList(list), exit, message);
  });

  test('refuses a row without its place among the events of the wallet', async () => {
    expectRefusal(await withList(listOf([]), row), 2, '--record: expected order_ns with --tombstones, got none');
  });

  test('reads no list from standard input or from a file that is missing', async () => {
    const key = ['--private-key', file('key.pem', pem(safe))];
    const withFile = (path: string) => recover(...recordOf({ ...row, order_ns: ORDER }), ...key, '--tombstones', path, ...outputs()); // prettier-ignore

    expectRefusal(await withFile('-'), 2, '--tombstones: expected a file, got standard input');
    expectRefusal(await withFile(inFolder('none')), 1, '--tombstones: expected a file that can be read, got ENOENT');
  });
});
