import { describe, expect, test } from '@jest/globals';
import { PostgresReseals } from '../../../lambda/store/reseals';
import { only, text } from '../../../lambda/store/rows';
import { Session } from '../../../lambda/store/session';
import { soon } from '../../support/postgres';
import { database, useStores } from './stores';

useStores([]);

const limitOf = async (session: Session) => {
  const rows = await session.query("SELECT current_setting('statement_timeout') AS timeout", [], soon());
  return text(only(rows), 'timeout');
};

describe('a session for long statements', () => {
  test('has five minutes for each, and leaves the limit of the session that it is of', async () => {
    const session = new Session(await database.settings('vault_resealer'));
    const long = session.forLongStatements();

    expect([await limitOf(long), await limitOf(session)]).toEqual(['5min', '10s']);
    await Promise.all([session.close(), long.close()]);
  });

  test('is what a receipt counts all records with, and nothing else', async () => {
    const queries: Record<'short' | 'long', string[]> = { short: [], long: [] };
    const noting = (name: 'short' | 'long') => ({
      query: (sql: string) => {
        queries[name].push(/vault_api[.](\w+)/.exec(sql)?.[1] ?? sql);
        return Promise.resolve([]);
      },
    });
    const reseals = new PostgresReseals(noting('short'), noting('long'));
    await reseals.start('run', { keyId: 'key', keyMaterialId: '' }, soon());
    await reseals.passOver('run', 'key', soon());
    await expect(reseals.end('run', [], soon())).rejects.toThrowWithCode('InternalError');
    expect(await reseals.census(soon())).toEqual([]);
    await expect(reseals.finish('run', [], soon())).rejects.toThrowWithCode('InternalError');
    expect(await reseals.receipt('run', soon())).toBeUndefined();

    expect(queries.long).toEqual(['end_reseal', 'census']);
    expect(queries.short).toEqual(['start_reseal', 'pass_over_key', 'finish_reseals', 'reseal_receipts']);
  });
});
