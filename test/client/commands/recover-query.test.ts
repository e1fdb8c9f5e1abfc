import { describe, expect, test } from '@jest/globals';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRow } from '../../../client/commands/recover/row';
import { isRevokedBy } from '../../../client/commands/recover/tombstones';
import { Session } from '../../../lambda/store/session';
import { PostgresTombstones } from '../../../lambda/store/tombstones';
import { soon } from '../../support/postgres';
import { material } from '../../support/run';
import {
  at,
  caller,
  deliveredRecord,
  newDelivery,
  newRecord,
  newWallet,
  withProperties,
} from '../../lambda/store/fixtures';
import { database, receiver, sealer, superuser, useStores } from '../../lambda/store/stores';
import { run } from './support/account';
import { sealRow } from './support/recovery-row';

const PAGE = join(__dirname, '..', '..', '..', 'docs', 'keys', 'recovery.md');

useStores(['receiver', 'sealer']);

/** Runs the query of the page for a wallet. Returns what `psql` prints of it. */
async function queryRow(walletId: string, chain: string): Promise<string> {
  const [, sql = ''] = /```sql\n([^]*?)```/.exec(readFileSync(PAGE, 'utf8')) ?? [];
  const [setRole = '', select = ''] = sql.split(';');
  await superuser.query(setRole);
  const { rows } = await superuser.query<{ row_to_json: unknown }>(
    select.replace('WALLET', walletId).replace('CHAIN', chain),
  );
  await superuser.query('RESET ROLE');
  expect(rows).toHaveLength(1);
  return JSON.stringify(rows[0]?.row_to_json);
}

test('share-vault recover opens the row that the query of docs/keys/recovery.md returns', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'recover-'));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const [delegatedShare, walletApiKey] = [material(900), material(40)];
  const record = newRecord(newWallet(), withProperties('{}'));
  const { columns } = await sealRow('delegated-share', { delegatedShare, walletApiKey }, { safe: createPublicKey(privateKey) }, record); // prettier-ignore
  const sealed = { delegatedShare: columns.encrypted_delegated_share, walletApiKey: columns.encrypted_wallet_api_key };
  await sealer.seal({ ...record, sealed }, caller, soon());
  writeFileSync(join(folder, 'row.json'), await queryRow(record.walletId, record.chain));
  writeFileSync(join(folder, 'key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const paths = ['row.json', 'key.pem', 'share', 'api-key'].map((name) => join(folder, name));
  const names = ['--record', '--private-key', '--delegated-share', '--wallet-api-key'];

  const { code, stderr } = await run(['recover', '--environment', 'prod', ...names.flatMap((name, i) => [name, paths[i] ?? ''])]); // prettier-ignore

  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^opened record /) });
  expect(readFileSync(join(folder, 'share'))).toEqual(delegatedShare);
  expect(readFileSync(join(folder, 'api-key'))).toEqual(walletApiKey);
  rmSync(folder, { recursive: true });
});

describe('a record that share-vault recover refuses with a list of tombstones', () => {
  const time = at(100);

  test.each([
    ['delivered a nanosecond after it', time, time - 1n, false],
    ['delivered at its time', time, time, true],
    ['delivered a nanosecond before it', time, time + 1n, true],
    ['sealed directly', undefined, 0n, true],
  ])('is one that a replay of a tombstone destroys: %s', async (_what, eventTime, until, isRevoked) => {
    const wallet = newWallet();
    if (eventTime === undefined) await sealer.seal(newRecord(wallet), caller, soon());
    else await receiver.receiveCreated(deliveredRecord(wallet), newDelivery(eventTime), soon());
    const row = parseRow(Buffer.from(await queryRow(wallet.walletId, wallet.chain)));
    const tombstone = { ...wallet, revokedUntilNs: String(until) };
    const tombstones = new PostgresTombstones(new Session(await database.settings('vault_revoker')));

    const { destroyed } = await tombstones.apply(tombstone, 'restore', caller, soon());

    expect(destroyed).toBe(isRevoked ? 1 : 0);
    expect(isRevokedBy(tombstone, row)).toBe(isRevoked);
  });
});
