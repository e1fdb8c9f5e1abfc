import { describe, expect, test } from '@jest/globals';
import { hasBackupInfo } from '../../../lambda/requests/backup-info';
import type { PropertiesWrite, WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { caller, newRecord, newWallet, outcomes, serverKeyShares, sha256, withProperties } from './fixtures';
import { sealBefore } from './previous-release';
import { database, reader, revoker, sealer, superuser, useStores } from './stores';

useStores(['sealer', 'reader', 'revoker']);

const REAL = '{"externalServerKeySharesBackupInfo":{"backups":{"dynamic":["share-1"]}}}';
const NULL = '{"externalServerKeySharesBackupInfo":null}';
const EMPTIED = '{"externalServerKeySharesBackupInfo":{"passwordEncrypted":false,"backups":{"dynamic":[]}}}';

const write = (text: string, changes: Partial<PropertiesWrite> = {}): PropertiesWrite => ({
  text,
  sha256: sha256(text),
  hasBackupInfo: hasBackupInfo(text),
  ...changes,
});

async function sealedWith(text: string): Promise<WalletKey> {
  const wallet = newWallet();
  const properties = withProperties(text, { hasBackupInfo: hasBackupInfo(text) });
  await sealer.seal(newRecord(wallet, serverKeyShares(properties)), caller, soon());
  return wallet;
}

const newest = async (wallet: WalletKey) => (await reader.properties(wallet, undefined, soon())).properties;

test.each([
  REAL,
  NULL,
  EMPTIED,
  `\ufeff${REAL}`,
  '{"external_server_key_shares_backup_info":{"a":[{"b":7}]}}',
  '{"externalServerKeySharesBackupInfo":true}',
  '{"externalServerKeySharesBackupInfo":""}',
  '{"wallet":{"externalServerKeySharesBackupInfo":"a"}}',
  '[{"externalServerKeySharesBackupInfo":"a"}]',
  '{"externalServerKeySharesBackupInfo":"a","externalServerKeySharesBackupInfo":null}',
  'not JSON',
  '',
])('the database and the function decide alike whether a text has backup information: %j', async (text) => {
  const decide = 'SELECT vault.has_backup_info($1, false) AS decided';
  const { rows } = await superuser.query<{ decided: boolean }>(decide, [text]);

  expect(rows[0]?.decided).toBe(hasBackupInfo(text));
});

describe('backup information', () => {
  test.each([
    ['null', NULL],
    ['an emptied structure', EMPTIED],
  ])('is not lost to %s without force', async (_what, text) => {
    const wallet = await sealedWith(REAL);

    const replaced = sealer.replaceProperties(wallet, write(text, { expectedVersion: 1 }), caller, soon());

    await expect(replaced).rejects.toThrowWithCode('StaleWalletProperties');
    await expect(newest(wallet)).resolves.toBe(REAL);
  });

  test.each([
    ['null', NULL],
    ['an emptied structure', EMPTIED],
    ['another text', 'not JSON: externalServerKeySharesBackupInfo'],
    ['a text that PostgreSQL can not read', '{"externalServerKeySharesBackupInfo":"\\u0000"}'],
  ])('is not lost to %s of the former release, which knows no force', async (_what, text) => {
    const wallet = await sealedWith(REAL);
    const former = await database.login('vault_sealer');

    const sealed = sealBefore(former, newRecord(wallet, withProperties(text)));

    await expect(sealed).rejects.toMatchObject({ code: 'SV006' });
    await expect(newest(wallet)).resolves.toBe(REAL);
  });

  test('of a former release is replaced by other backup information', async () => {
    const wallet = await sealedWith(REAL);
    const next = REAL.replace('share-1', 'share-2');

    await sealBefore(await database.login('vault_sealer'), newRecord(wallet, withProperties(next)));

    await expect(newest(wallet)).resolves.toBe(next);
  });

  test('is kept from an actor that must not replace it, whatever it writes, and allows the same text', async () => {
    const wallet = await sealedWith(REAL);
    const sealWith = (text: string) => {
      const changes = { hasBackupInfo: true, keepBackupInfo: true, expectedVersion: 1 };
      return sealer.seal(newRecord(wallet, withProperties(text, changes)), caller, soon());
    };

    await expect(sealWith(REAL.replace('share-1', 'gone'))).rejects.toThrowWithCode('StaleWalletProperties');
    await expect(sealWith(REAL)).resolves.toBeDefined();
    await expect(newest(wallet)).resolves.toBe(REAL);
  });

  test('that a seal replaces by force has a row of its own in the log, and one without force has none', async () => {
    const wallet = await sealedWith(REAL);
    const [live] = (await superuser.query<{ id: string }>('SELECT id FROM vault.server_key_shares WHERE wallet_id = $1', [wallet.walletId])).rows; // prettier-ignore
    const next = newRecord(wallet, serverKeyShares(withProperties('{}', { expectedVersion: 1, force: true })));

    await sealer.seal({ ...next, supersedes: live?.id }, caller, soon());
    const other = withProperties('{"a":1}', { expectedVersion: 2, force: true });
    await sealer.seal(newRecord(wallet, other), caller, soon());

    const logged = ['seal sealed', 'seal sealed', 'seal properties-forced', 'seal sealed'];
    await expect(outcomes(superuser, wallet)).resolves.toEqual(logged);
  });
});

describe('a wallet that only a revocation named', () => {
  test('is not known to a second revocation', async () => {
    const wallet = newWallet();

    const first = await revoker.revoke(wallet, ['delegated-share'], 'lost', caller, soon());
    const second = await revoker.revoke(wallet, ['delegated-share'], 'lost', caller, soon());

    expect([first.known, second.known]).toEqual([false, false]);
  });

  test('gets no properties', async () => {
    const wallet = newWallet();
    await revoker.revoke(wallet, ['delegated-share'], 'lost', caller, soon());

    const replaced = sealer.replaceProperties(wallet, write('{}'), caller, soon());

    await expect(replaced).rejects.toThrowWithCode('NotFound');
  });
});
