import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { NewRecord, RecordStore } from '../../../lambda/store/store';
import { TestDatabase, soon } from '../../support/postgres';
import { caller, newRecord, newWallet, sha256 } from './fixtures';

let database: TestDatabase;
let sealer: RecordStore;
beforeAll(async () => {
  // what an operator may turn on to look for a fault
  database = await TestDatabase.start({
    log_statement: 'all',
    log_min_duration_statement: 0,
    log_min_error_statement: 'debug5',
    log_error_verbosity: 'verbose',
  });
  sealer = await database.store('vault_sealer');
});
afterAll(() => database.stop());

let record: NewRecord;
beforeEach(() => {
  // text, so that it would stand in the log as it is
  const sealed = { delegatedShare: marked('share'), walletApiKey: marked('key') };
  record = newRecord({ walletId: `marked-${newWallet().walletId}`, chain: 'EVM' }, { sealed, userId: 'marked-user' });
});

const marked = (text: string) => Buffer.from(`marked-${text}-${randomBytes(40).toString('hex')}`);
/** Of text, and of bytes as PostgreSQL spells them. */
const MARK = new RegExp(`marked-|${Buffer.from('marked-').toString('hex')}`);

async function serverLog(): Promise<string> {
  return readFile(database.server.logFile, 'utf8');
}

describe('a log that keeps every statement holds no value of one', () => {
  test('that succeeded', async () => {
    await sealer.seal(record, caller, soon());
    expect(await serverLog()).toContain('seal_delegated_share');
    expect(await serverLog()).not.toMatch(MARK);
  });

  test('that was refused', async () => {
    await sealer.seal(record, caller, soon());
    const again = { ...newRecord(record), userId: 'marked-user', sealed: record.sealed };
    await expect(sealer.seal(again, caller, soon())).rejects.toThrowWithCode('Conflict');
    expect(await serverLog()).toContain('SV001');
    expect(await serverLog()).not.toMatch(MARK);
  });

  const faults: readonly (readonly [string, Partial<NewRecord>])[] = [
    ['a missing message', { sealed: { delegatedShare: marked('share') } }],
    ['an oversized message', { sealed: { delegatedShare: marked('share'), walletApiKey: randomBytes(80_000) } }],
    ['a chain that is too long', { chain: 'marked-chain' }],
    ['an empty user', { userId: '' }],
    ['a control character', { publicKey: 'marked-\u0007' }],
    ['a malformed transport id', { transportIds: ['marked-id'] }],
    ['no transport id', { transportIds: [] }],
    ['a transport id twice', { transportIds: ['marked-transport-id-1', 'marked-transport-id-1'] }],
    ['properties of another digest', { walletProperties: 'marked-properties', propertiesSha256: sha256('') }],
    ['properties without a digest', { walletProperties: 'marked-properties' }],
  ];
  test.each(faults)('that failed: %s', async (_, fault) => {
    await expect(sealer.seal({ ...record, ...fault }, caller, soon())).rejects.toMatchObject({
      name: expect.stringMatching(/^(InternalError|Conflict)$/),
      message: expect.not.stringMatching(MARK),
    });
    expect(await serverLog()).not.toMatch(MARK);
  });

  test('that gives a role its password', async () => {
    const { password } = await database.settings('vault_revoker');
    const verifier = /PASSWORD 'SCRAM-SHA-256/;
    expect(await serverLog()).toMatch(verifier);
    expect(await serverLog()).not.toContain(await password());
  });
});
