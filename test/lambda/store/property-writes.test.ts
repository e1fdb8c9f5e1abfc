import { describe, expect, test } from '@jest/globals';
import { VaultError } from '../../../lambda/contract/errors';
import { KINDS } from '../../../lambda/contract/kinds';
import type { PropertiesWrite, RecordStore, StoredProperties, WalletKey } from '../../../lambda/store/store';
import { soon } from '../../support/postgres';
import { caller, newRecord, newRecordOf, newWallet, outcomes, query, rowsOf, sha256, withProperties } from './fixtures';
import { auditor, database, problemOf, reader, revoker, sealer, superuser, unsealer, useStores } from './stores';

useStores(['sealer', 'unsealer', 'revoker', 'reader', 'auditor']);

const BACKUP = { hasBackupInfo: true };

type Changes = Partial<PropertiesWrite>;

const writeOf = (text: string, changes: Changes = {}): PropertiesWrite => ({
  ...{ text, sha256: sha256(text), hasBackupInfo: false },
  ...changes,
});
const replace = (
  wallet: WalletKey,
  text: string,
  expectedVersion?: number,
  changes: Changes = {},
  store: RecordStore = sealer,
) => store.replaceProperties(wallet, writeOf(text, { expectedVersion, ...changes }), caller, soon());

/** Returns a sealed wallet whose first properties are this text. */
async function walletWith(text: string, changes: Changes = {}): Promise<WalletKey> {
  const wallet = newWallet();
  await sealer.seal(newRecord(wallet, withProperties(text, changes)), caller, soon());
  return wallet;
}

async function versionsOf({ walletId, chain }: WalletKey): Promise<readonly number[]> {
  const { rows } = await superuser.query<{ version: string }>(
    'SELECT version FROM vault.wallet_properties WHERE wallet_id = $1 AND chain = $2 ORDER BY version',
    [walletId, chain],
  );
  return rows.map(({ version }) => Number(version));
}

/** Replaces the properties this many times, each with another text. */
async function replaceOften(wallet: WalletKey, from: number, times: number): Promise<void> {
  for (let version = from; version < from + times; version += 1) await replace(wallet, `text ${version + 1}`, version);
}

describe('a write of properties', () => {
  test('makes the next version, logs it, and leaves the chain of the log intact', async () => {
    const wallet = await walletWith('one');

    const stored = await replace(wallet, 'two', 1);

    expect(stored).toEqual({ version: 2, sha256: sha256('two'), createdAt: expect.any(Date) });
    await expect(reader.properties(wallet, undefined, soon())).resolves.toEqual({ ...stored, properties: 'two' });
    await expect(outcomes(superuser, wallet)).resolves.toEqual(['seal sealed', 'seal properties-replaced']);
    const [row] = await auditor.log(wallet, 1, 10, soon());
    expect(row).toMatchObject({ actor: 'signer', requestId: 'request-1', reason: 'version 2' });
    await expect(problemOf(wallet)).resolves.toBeUndefined();
  });

  test('makes the first version of a wallet that was sealed without', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    await expect(replace(record, 'one')).resolves.toMatchObject({ version: 1 });
  });

  test.each([undefined, 1, 3])(
    'is refused with the expected version %p if the wallet has version 2',
    async (expected) => {
      const wallet = await walletWith('one');
      await replace(wallet, 'two', 1);

      await expect(replace(wallet, 'three', expected)).rejects.toThrowWithCode('VersionConflict');

      await expect(reader.properties(wallet, undefined, soon())).resolves.toMatchObject({
        version: 2,
        properties: 'two',
      });
      await expect(outcomes(superuser, wallet)).resolves.toHaveLength(2);
    },
  );

  test('is refused with an expected version if the wallet has none', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    await expect(replace(record, 'one', 1)).rejects.toThrowWithCode('VersionConflict');
    await expect(versionsOf(record)).resolves.toEqual([]);
  });

  test.each([undefined, 1, 2, 9])(
    'of the stored text makes no version, with the expected version %p',
    async (expected) => {
      const wallet = await walletWith('one');
      const first = await replace(wallet, 'two', 1);
      await expect(replace(wallet, 'two', expected)).resolves.toEqual(first);
      await expect(outcomes(superuser, wallet)).resolves.toHaveLength(2);
    },
  );

  test('of an earlier text makes a version', async () => {
    const wallet = await walletWith('one');
    await replace(wallet, 'two', 1);
    await expect(replace(wallet, 'one', 2)).resolves.toMatchObject({ version: 3 });
    await expect(versionsOf(wallet)).resolves.toEqual([1, 2, 3]);
  });

  test('of 262144 bytes is accepted, and of one more is not', async () => {
    const wallet = await walletWith('one');
    await expect(replace(wallet, 'é'.repeat(131_072), 1)).resolves.toMatchObject({ version: 2 });
    await expect(replace(wallet, `x${'é'.repeat(131_072)}`, 2)).rejects.toThrowWithCode('InternalError');
    await expect(versionsOf(wallet)).resolves.toEqual([1, 2]);
  });

  test('for an unknown wallet makes no row', async () => {
    const wallet = newWallet();
    await expect(replace(wallet, 'one')).rejects.toThrowWithCode('NotFound');
    await expect(rowsOf(superuser, wallet)).resolves.toBe(0);
  });

  test('is refused if the server key shares were revoked, even of the stored text', async () => {
    const wallet = await walletWith('one');
    await revoker.revoke(wallet, ['server-key-shares'], 'lost', caller, soon());
    await expect(replace(wallet, 'two', 1)).rejects.toThrowWithCode('Revoked');
    await expect(replace(wallet, 'one', 1)).rejects.toThrowWithCode('Revoked');
  });

  test('is accepted if only the delegated shares were revoked', async () => {
    const wallet = await walletWith('one');
    await revoker.revoke(wallet, ['delegated-share'], 'lost', caller, soon());
    await expect(replace(wallet, 'two', 1)).resolves.toMatchObject({ version: 2 });
  });
});

describe('a write of properties without the backup information of the stored ones', () => {
  test('is refused, and changes nothing', async () => {
    const wallet = await walletWith('backup', BACKUP);
    await expect(replace(wallet, 'none', 1)).rejects.toThrowWithCode('StaleWalletProperties');
    await expect(reader.properties(wallet, undefined, soon())).resolves.toMatchObject({ version: 1 });
    await expect(outcomes(superuser, wallet)).resolves.toEqual(['seal sealed']);
  });

  test('is accepted if it is forced, logged as such, and the version with it stays for ever', async () => {
    const wallet = await walletWith('backup', BACKUP);
    const [{ recordId } = { recordId: '' }] = (await auditor.records(wallet, soon())).records;
    await superuser.query('UPDATE vault.delegated_shares SET properties_sha256 = NULL WHERE id = $1', [recordId]);
    await expect(replace(wallet, 'none', 1, { force: true })).resolves.toMatchObject({ version: 2 });
    await replaceOften(wallet, 2, 20);
    await expect(versionsOf(wallet)).resolves.toEqual([1, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22]);
    const logged = await outcomes(superuser, wallet);
    expect(logged.slice(0, 3)).toEqual(['seal sealed', 'seal properties-forced', 'seal properties-replaced']);
    await expect(problemOf(wallet)).resolves.toBeUndefined();
  });

  test('is a conflict if the version is another too, forced or not', async () => {
    const wallet = await walletWith('backup', BACKUP);
    await expect(replace(wallet, 'none', 7)).rejects.toThrowWithCode('VersionConflict');
    await expect(replace(wallet, 'none', 7, { force: true })).rejects.toThrowWithCode('VersionConflict');
  });

  test('is refused as a part of a seal, which stores no record', async () => {
    const record = newRecord(newWallet(), withProperties('backup', BACKUP));
    await sealer.seal(record, caller, soon());
    const next = newRecord(record, { supersedes: record.recordId, ...withProperties('none', { expectedVersion: 1 }) });
    await expect(sealer.seal(next, caller, soon())).rejects.toThrowWithCode('StaleWalletProperties');
    await expect(unsealer.unseal(query(record), caller, soon())).resolves.toMatchObject({ recordId: record.recordId });
    const forced = { ...next, ...withProperties('none', { expectedVersion: 1, force: true }) };
    await expect(sealer.seal(forced, caller, soon())).resolves.toMatchObject({ recordId: next.recordId });
  });
});

describe('versions of properties', () => {
  test('are kept if they are one of the newest 10', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    await replace(record, 'text 1');
    await replaceOften(record, 1, 9);
    await expect(versionsOf(record)).resolves.toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await replaceOften(record, 10, 1);
    await expect(versionsOf(record)).resolves.toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test.each(KINDS)('are kept if a live or a superseded record of %s was sealed under them', async (kind) => {
    const wallet = newWallet();
    const first = newRecordOf(kind, wallet, withProperties('text 1'));
    await sealer.seal(first, caller, soon());
    const second = withProperties('text 2', { expectedVersion: 1 });
    await sealer.seal(newRecordOf(kind, wallet, { supersedes: first.recordId, ...second }), caller, soon());
    await replaceOften(wallet, 2, 12);
    await expect(versionsOf(wallet)).resolves.toEqual([1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  });

  test('go once the records that were sealed under them are gone', async () => {
    const wallet = await walletWith('text 1');
    await replaceOften(wallet, 1, 12);
    await expect(versionsOf(wallet)).resolves.toContain(1);
    await revoker.revoke(wallet, ['delegated-share'], 'lost', caller, soon());
    await replaceOften(wallet, 13, 1);
    await expect(versionsOf(wallet)).resolves.toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  });

  test('are kept if they are the newest with backup information, and not if they are an older one', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    await replace(record, 'text 1', undefined, BACKUP);
    await replace(record, 'text 2', 1, BACKUP);
    await replace(record, 'text 3', 2, { force: true });
    await replaceOften(record, 3, 12);
    await expect(versionsOf(record)).resolves.toEqual([2, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
  });
});

describe('writers of properties at the same time', () => {
  const WRITERS = 50;
  /** The connections of one login role. */
  const CONNECTIONS = 8;
  const stores = () => Promise.all(Array.from({ length: CONNECTIONS }, () => database.store('vault_sealer')));

  test('who expect one version get one new version', async () => {
    const wallet = await walletWith('text');
    const all = await stores();
    const ends = await Promise.all(
      Array.from({ length: WRITERS }, (_, i) =>
        replace(wallet, `writer ${i}`, 1, {}, all[i % CONNECTIONS]).catch((error: unknown) => error),
      ),
    );
    const refused = ends.filter((end) => end instanceof VaultError);
    expect(refused.map((error) => error.name)).toEqual(Array.from({ length: WRITERS - 1 }, () => 'VersionConflict'));
    await expect(versionsOf(wallet)).resolves.toEqual([1, 2]);
    const winner = ends.findIndex((end) => !(end instanceof VaultError));
    await expect(reader.properties(wallet, 2, soon())).resolves.toMatchObject({ properties: `writer ${winner}` });
    for (const store of all) await store.close();
  });

  test('who read and write again until they succeed make one version each', async () => {
    const wallet = await walletWith('text');
    const all = await stores();
    const untilWritten = async (i: number): Promise<number> => {
      const { version } = await reader.properties(wallet, undefined, soon());
      const written = await replace(wallet, `writer ${i}`, version, {}, all[i % CONNECTIONS]).catch(() => undefined);
      return written?.version ?? untilWritten(i);
    };
    const versions = await Promise.all(Array.from({ length: WRITERS }, (_, i) => untilWritten(i)));
    expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: WRITERS }, (_, i) => i + 2));
    await expect(outcomes(superuser, wallet)).resolves.toHaveLength(WRITERS + 1);
    await expect(problemOf(wallet)).resolves.toBeUndefined();
    for (const store of all) await store.close();
  });
});

describe('a read of properties', () => {
  const read = (wallet: WalletKey, unless: Uint8Array, version?: number): Promise<StoredProperties> =>
    reader.properties(wallet, version, soon(), unless);

  test('returns no text if the reader has it, and the text if it has another', async () => {
    const wallet = await walletWith('one');
    await replace(wallet, 'two', 1);
    await expect(read(wallet, sha256('two'))).resolves.toEqual({
      version: 2,
      sha256: sha256('two'),
      createdAt: expect.any(Date),
    });
    await expect(read(wallet, sha256('one'))).resolves.toMatchObject({ version: 2, properties: 'two' });
    await expect(read(wallet, sha256('one'), 1)).resolves.toMatchObject({ version: 1, properties: undefined });
  });
});

describe('an unseal', () => {
  const open = (wallet: WalletKey, kind = KINDS[0]) => unsealer.unseal(query(wallet, { kind }), caller, soon());

  test('reports other properties than those that the record was sealed under', async () => {
    const wallet = await walletWith('one');
    await expect(open(wallet)).resolves.toMatchObject({ propertiesChanged: false, propertiesSha256: sha256('one') });
    await replace(wallet, 'two', 1);
    await expect(open(wallet)).resolves.toMatchObject({ propertiesChanged: true, propertiesSha256: sha256('one') });
    await replace(wallet, 'one', 2);
    await expect(open(wallet)).resolves.toMatchObject({ propertiesChanged: false });
  });

  test('reports no change for a record without properties', async () => {
    const record = newRecord(newWallet());
    await sealer.seal(record, caller, soon());
    await replace(record, 'one');
    await expect(open(record)).resolves.toMatchObject({ propertiesChanged: false, propertiesSha256: undefined });
  });
});
