import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { KINDS } from '../../../lambda/contract/kinds';
import type { NewRecord, WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { caller, newRecordOf, newTransportId, newWallet, outcomes, rowsOf } from './fixtures';
import { database, superuser, sealer, revoker, useStores } from './stores';

useStores(['sealer', 'revoker']);

/** Resolves when a seal waits for another. */
async function untilWaiting(): Promise<void> {
  const waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'vault_sealer'";
  while ((await superuser.query(waiting)).rowCount === 0) await sleep(10);
}

describe.each(KINDS)('a seal of %s that is sent again', (kind) => {
  /** of two transports, whichever the kind: any number is allowed */
  const recordOf = (wallet: WalletKey, changes: Partial<NewRecord> = {}) =>
    newRecordOf(kind, wallet, { transportIds: [newTransportId(), newTransportId()], ...changes });

  test('returns the record that the first try stored', async () => {
    const record = recordOf(newWallet());
    const first = await sealer.seal(record, caller, soon());
    const again = await sealer.seal({ ...record, recordId: randomUUID() }, caller, soon());
    expect(again).toEqual(first);
    await expect(outcomes(superuser, record)).resolves.toEqual(['seal sealed']);
  });

  test('returns the record, and what it superseded, after it was superseded itself', async () => {
    const wallet = newWallet();
    const [first, second, third] = [recordOf(wallet), recordOf(wallet), recordOf(wallet)];
    await sealer.seal(first, caller, soon());
    const stored = await sealer.seal({ ...second, supersedes: first.recordId }, caller, soon());
    await sealer.seal({ ...third, supersedes: second.recordId }, caller, soon());
    const again = await sealer.seal({ ...second, supersedes: first.recordId }, caller, soon());
    expect(again).toEqual(stored);
  });

  test('stores one record when both arrive at once', async () => {
    const record = recordOf(newWallet());
    const other = await database.store('vault_sealer');
    const answers = await Promise.all([
      sealer.seal(record, caller, soon()),
      other.seal({ ...record, recordId: randomUUID() }, caller, soon()),
    ]);
    expect(answers[0]).toEqual(answers[1]);
    await expect(outcomes(superuser, record)).resolves.toEqual(['seal sealed']);
  });

  test('is refused once the wallet was revoked', async () => {
    const record = recordOf(newWallet());
    await sealer.seal(record, caller, soon());
    await revoker.revoke(record, KINDS, 'lost', caller, soon());
    await expect(sealer.seal(record, caller, soon())).rejects.toThrowWithCode('Revoked');
  });

  test.each([
    ['a transport of another wallet', (seen: string) => [seen, newTransportId()], newWallet()],
    ['both transports of another wallet', (seen: string, also: string) => [seen, also], newWallet()],
    ['a transport of this wallet beside a new one', (seen: string) => [seen, newTransportId()], undefined],
  ])('is refused with %s', async (_, transportsOf, elsewhere) => {
    const [seen, also] = [newTransportId(), newTransportId()];
    const record = recordOf(newWallet(), { transportIds: [seen, also] });
    await sealer.seal(record, caller, soon());
    const next = recordOf(elsewhere ?? record, { transportIds: transportsOf(seen, also) });
    await expect(sealer.seal(next, caller, soon())).rejects.toThrowWithCode('Conflict');
  });

  test('is refused with transports of two records', async () => {
    const wallet = newWallet();
    const first = recordOf(wallet);
    const second = recordOf(wallet, { supersedes: first.recordId });
    await sealer.seal(first, caller, soon());
    await sealer.seal(second, caller, soon());
    const transportIds = [first.transportIds[0] ?? '', second.transportIds[1] ?? ''];
    await expect(sealer.seal(recordOf(wallet, { transportIds }), caller, soon())).rejects.toThrowWithCode('Conflict');
  });

  test('is refused with a transport that another wallet gets at the same moment', async () => {
    const [jti, also] = [newTransportId(), newTransportId()];
    const first = await database.login('vault_sealer');
    await first.query('BEGIN');
    const item = {
      ...{ kind, record_id: randomUUID(), wallet_id: newWallet().walletId, chain: 'EVM', key_id: 'key' },
      ...{ delegated_share: 's', wallet_api_key: 'k', server_key_shares: 's', transport_ids: [jti, also] },
    };
    await first.query("SELECT vault_api.seal_records($1::json, 'actor', 'request')", [JSON.stringify([item])]);
    const second = recordOf(newWallet(), { transportIds: [newTransportId(), jti] });
    const attempt = expect(sealer.seal(second, caller, soon())).rejects.toThrowWithCode('Conflict');
    await untilWaiting();
    await first.query('COMMIT');
    await attempt;
    await expect(rowsOf(superuser, second)).resolves.toBe(0);
  });

  test('is refused with the transport of a record of the other kind', async () => {
    const record = recordOf(newWallet());
    await sealer.seal(record, caller, soon());
    const other = newRecordOf(kind === KINDS[0] ? KINDS[1] : KINDS[0], record, { transportIds: record.transportIds });
    await expect(sealer.seal(other, caller, soon())).rejects.toThrowWithCode('Conflict');
  });
});
