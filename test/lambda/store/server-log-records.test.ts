import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { KINDS, MATERIALS, type MaterialName, byName } from '../../../lambda/contract/kinds';
import type { NewRecord, PropertiesWrite, RecordQuery, RecordStore } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, newRecordOf, newWallet, query, sha256, withProperties } from './fixtures';

let database: TestDatabase;
let sealer: RecordStore;
let unsealer: RecordStore;
beforeAll(async () => {
  // an operator may turn these on to look for a fault
  database = await TestDatabase.start({
    log_statement: 'all',
    log_min_duration_statement: 0,
    log_min_error_statement: 'debug5',
    log_error_verbosity: 'verbose',
  });
  sealer = await database.store('vault_sealer');
  unsealer = await database.store('vault_unsealer');
});
afterAll(() => database.stop());

// text, so that the log would contain it unchanged
const marked = (text: string) => Buffer.from(`marked-${text}-${randomBytes(40).toString('hex')}`);
/** Of text, and of bytes as PostgreSQL and JSON spell them. */
const MARK = new RegExp(`marked-|${Buffer.from('marked-').toString('hex')}`);
const serverLog = () => readFile(database.server.logFile, 'utf8');

/** Anything that ends with an error of the vault's, which quotes no value either. */
const FAILED = {
  name: expect.stringMatching(/^(InternalError|Conflict|NotFound|VersionConflict)$/),
  message: expect.not.stringMatching(MARK),
};

describe.each(KINDS)('a log of every statement holds no value of a call for %s', (kind) => {
  let record: NewRecord;
  beforeEach(() => {
    const wallet = { walletId: `marked-${newWallet().walletId}`, chain: 'EVM' };
    const sealed = byName<MaterialName, Buffer>(MATERIALS[kind], () => marked('share'));
    const properties = withProperties(`{"a":"marked-${randomUUID()}"}`);
    record = newRecordOf(kind, wallet, { sealed, userId: 'marked-user', publicKey: 'marked-key', ...properties });
  });

  test('that succeeded', async () => {
    await sealer.seal(record, caller, soon());
    await unsealer.unseal(query(record, { kind, reason: 'marked-reason' }), caller, soon());
    expect(await serverLog()).toContain('unseal_records');
    expect(await serverLog()).not.toMatch(MARK);
  });

  const faults: readonly (readonly [string, Partial<NewRecord>])[] = [
    ['a missing message', { sealed: {} }],
    ['an oversized message', { sealed: byName<MaterialName, Buffer>(MATERIALS[kind], () => randomBytes(80_000)) }],
    ['a chain that is too long', { chain: 'marked-chain' }],
    ['an empty user', { userId: '' }],
    ['a control character', { publicKey: 'marked-\u0007' }],
    ['an id that is too long', { shareSetId: 'marked-'.repeat(40) }],
    ['a malformed transport id', { transportIds: ['marked-id'] }],
    ['a transport id twice', { transportIds: ['marked-transport-id-1', 'marked-transport-id-1'] }],
    ['properties of another digest', withProperties('marked-properties', { sha256: sha256('') })],
    ['properties without a digest', { ...withProperties('marked-properties'), propertiesSha256: undefined }],
    ['another version of the properties', withProperties('marked-properties', { expectedVersion: 7 })],
    ['properties that are too long', withProperties('marked-'.repeat(40_000))],
    ['a record to supersede that is none', { supersedes: randomUUID() }],
  ];
  test.each(faults)('of a seal that failed: %s', async (_, fault) => {
    await expect(sealer.seal({ ...record, ...fault }, caller, soon())).rejects.toMatchObject(FAILED);
    expect(await serverLog()).not.toMatch(MARK);
  });

  test('of a seal that failed for the id of another record', async () => {
    await sealer.seal(record, caller, soon());
    const other = newRecordOf(kind, newWallet(), { recordId: record.recordId, userId: 'marked-user' });
    await expect(sealer.seal(other, caller, soon())).rejects.toMatchObject(FAILED);
    expect(await serverLog()).not.toMatch(MARK);
  });

  const queries: readonly (readonly [string, Partial<RecordQuery>, string?])[] = [
    ['a chain that is too long', { chain: 'marked-chain' }],
    ['a wallet that is too long', { walletId: 'marked-'.repeat(40) }],
    ['a user that is too long', { userId: 'marked-'.repeat(40) }],
    ['an unknown wallet', { walletId: 'marked-unknown' }],
    ['a reason that is too long', {}, 'marked-'.repeat(40)],
  ];
  test.each(queries)('of an unseal that failed: %s', async (_, fault, reason = 'marked-reason') => {
    await sealer.seal(record, caller, soon());
    const attempt = unsealer.unseal({ ...query(record, { kind }), ...fault, reason }, caller, soon());
    await expect(attempt).rejects.toMatchObject(FAILED);
    expect(await serverLog()).not.toMatch(MARK);
  });

  const writes: readonly (readonly [string, Partial<PropertiesWrite>, Partial<NewRecord>])[] = [
    ['another digest', { sha256: sha256('') }, {}],
    ['another version', { expectedVersion: 7 }, {}],
    ['a text that is too long', withProperties('marked-'.repeat(40_000), { expectedVersion: 1 }).properties ?? {}, {}],
    ['an unknown wallet', {}, { walletId: 'marked-unknown' }],
    ['a chain that is too long', {}, { chain: 'marked-chain' }],
  ];
  test.each(writes)('of a write of properties that failed: %s', async (_, fault, place) => {
    await sealer.seal(record, caller, soon());
    const text = 'marked-other-properties';
    const write = { text, sha256: sha256(text), hasBackupInfo: false, ...fault };
    const attempt = sealer.replaceProperties({ ...record, ...place }, write, caller, soon());
    await expect(attempt).rejects.toMatchObject(FAILED);
    expect(await serverLog()).not.toMatch(MARK);
  });
});
