import { describe, expect, test } from '@jest/globals';
import type {
  AccessLogEntry,
  ArchivedRows,
  AuditVerifyResponse,
  ChainPosition,
} from '../../../lambda/contract/responses';
import type { Deadline } from '../../../lambda/invocation/deadline';
import { CHAIN_START, entryHash } from '../../../lambda/contract/chain';
import type { RecordStore } from '../../../lambda/store/store';
import { verifyLog } from '../../../lambda/store/verify-log';

const WALLET = { walletId: 'wallet-1', chain: 'EVM' };
const PAGE = 5_000;
/** A row is left to the next page: it may be there twice. */
const WHOLE = PAGE - 1;

function makeLog(rows: number): readonly AccessLogEntry[] {
  const log: AccessLogEntry[] = [];
  for (let sequence = 1; sequence <= rows; sequence += 1) {
    const previousHash = log.at(-1)?.hash ?? CHAIN_START.hash;
    const facts = { action: 'unseal', outcome: 'granted', actor: 'signer', requestId: `request-${sequence}` } as const;
    const entry = { sequence, at: '2026-11-21T00:00:00.123Z', ...facts, previousHash, hash: '' };
    log.push({ ...entry, hash: entryHash(WALLET, entry) });
  }
  return log;
}

const LOG = makeLog(12_000);
const positionOf = (row: number) => ({ sequence: row, hash: LOG[row - 1]?.hash ?? CHAIN_START.hash });
const bytesOf = ({ sequence, hash }: { sequence: number; hash: string }) => ({
  length: sequence,
  hash: Buffer.from(hash, 'hex'),
});

/** Returns a store of these rows, with this length in its wallet's row, and the archived rows of each time that it is asked. */
function storeOf(rows: readonly AccessLogEntry[], length = rows.length, archived: (readonly ArchivedRows[])[] = []) {
  const limits: number[] = [];
  const store = {
    chainHead: async () => bytesOf(positionOf(length)),
    archivedRows: async () => archived.shift() ?? [],
    log: async (_wallet: unknown, after: number, limit: number) => {
      limits.push(limit);
      return rows.filter(({ sequence }) => sequence > after).slice(0, limit);
    },
  } as unknown as RecordStore;
  return { store, limits };
}

/** A deadline whose time passes with each query: each number is the time left at the next one. */
function deadlineOf(...remaining: readonly number[]): Deadline {
  const left = [...remaining];
  return { signal: new AbortController().signal, remainingMs: () => left.shift() ?? 0 };
}

const START = { after: 0, hash: CHAIN_START.hash };
const next = ({ verifiedTo }: AuditVerifyResponse) => ({ after: verifiedTo?.sequence ?? -1, hash: verifiedTo?.hash });

describe('a log that is longer than the time allows', () => {
  test('is verified in parts, each of which says how far it came', async () => {
    const { store, limits } = storeOf(LOG);

    const first = await verifyLog(store, WALLET, START, deadlineOf(30_000, 2_000));
    const second = await verifyLog(store, WALLET, next(first), deadlineOf(30_000, 2_000));
    const third = await verifyLog(store, WALLET, next(second), deadlineOf(30_000, 2_000));

    const head = { intact: true, length: 12_000, head: positionOf(12_000).hash };
    expect(first).toEqual({ ...head, complete: false, verifiedTo: positionOf(WHOLE) });
    expect(second).toEqual({ ...head, complete: false, verifiedTo: positionOf(2 * WHOLE) });
    expect(third).toEqual({ ...head, complete: true, verifiedTo: positionOf(12_000) });
    expect(limits).toEqual([PAGE, PAGE, PAGE]);
  });

  test('is verified for ten seconds a call if there is more time, so that its caller sees progress', async () => {
    const { store } = storeOf(LOG);

    const answer = await verifyLog(store, WALLET, START, deadlineOf(900_000, 890_001, 890_000));

    expect(answer).toMatchObject({ complete: false, verifiedTo: { sequence: 2 * WHOLE } });
  });

  test('is verified for at least one page even if there is no time', async () => {
    const { store } = storeOf(LOG);

    const answer = await verifyLog(store, WALLET, START, deadlineOf());

    expect(answer).toMatchObject({ intact: true, complete: false, verifiedTo: { sequence: WHOLE } });
  });

  test('is verified as a whole for a request of an earlier client, which would take a part for it', async () => {
    const { store } = storeOf(LOG);

    const answer = await verifyLog(store, WALLET, {}, deadlineOf());

    expect(answer).toMatchObject({ intact: true, complete: true, length: 12_000, head: positionOf(12_000).hash });
  });

  test('keeps its head over the parts if it grows as fast as it is verified', async () => {
    const { store } = storeOf(LOG);
    const until = positionOf(7_000);

    const first = await verifyLog(store, WALLET, { ...START, until }, deadlineOf());
    const second = await verifyLog(store, WALLET, { ...next(first), until }, deadlineOf());

    expect(first).toMatchObject({ complete: false, length: 7_000 });
    expect(second).toMatchObject({ intact: true, complete: true, length: 7_000, verifiedTo: until });
  });

  test('is reported broken by the part that has the row, and the parts behind it are verified too', async () => {
    const { store } = storeOf(LOG.with(2, { ...LOG[2], actor: 'other' } as AccessLogEntry));

    const first = await verifyLog(store, WALLET, START, deadlineOf());
    const second = await verifyLog(store, WALLET, next(first), deadlineOf(900_000, 890_001, 890_001));

    expect(first).toMatchObject({ intact: false, brokenAt: 3, complete: false, verifiedTo: { sequence: WHOLE } });
    expect(second).toMatchObject({ intact: true, complete: true });
  });
});

describe('a start or an end that does not fit the log', () => {
  const verify = (request: Parameters<typeof verifyLog>[2], rows = 5, length = rows) =>
    verifyLog(storeOf(LOG.slice(0, rows), length).store, WALLET, request, deadlineOf(30_000, 25_000, 25_000));

  test('is a problem if the row has another hash', async () => {
    const between = await verify({ after: 3, hash: positionOf(2).hash });
    const last = await verify({ after: 5, hash: positionOf(2).hash });

    expect(between).toMatchObject({ intact: false, brokenAt: 4, complete: true });
    expect(last).toMatchObject({ intact: false, brokenAt: 5, complete: true });
  });

  test('is a problem if the log has fewer rows', async () => {
    const answer = await verify({ after: 6, hash: positionOf(6).hash });

    expect(answer).toMatchObject({ intact: false, brokenAt: 6, problem: 'expected 6 rows or more, got 5' });
  });

  test('is a problem if the head that was kept elsewhere is not of this log', async () => {
    const other = await verify({ ...START, until: { sequence: 5, hash: positionOf(4).hash } });
    const longer = await verify({ ...START, until: positionOf(6) });

    expect(other).toMatchObject({ intact: false, brokenAt: 5 });
    expect(longer).toMatchObject({ intact: false, brokenAt: 6, problem: 'expected 6 rows, got 5' });
  });

  test('is none if the start is the end', async () => {
    const answer = await verify({ after: 5, hash: positionOf(5).hash });

    expect(answer).toMatchObject({ intact: true, complete: true, verifiedTo: positionOf(5) });
  });

  test('is a problem if rows of the end are missing', async () => {
    const answer = await verify({ after: 3, hash: positionOf(3).hash }, 5, 7);

    expect(answer).toMatchObject({ intact: false, brokenAt: 6, problem: 'expected 7 rows, got 5', complete: true });
  });
});

describe('a log with archived rows', () => {
  const spanOf = (from: number, to: number): ArchivedRows => ({
    from,
    previousHash: positionOf(from - 1).hash,
    ...positionOf(to),
  });
  const LEFT = LOG.slice(100);
  const verify = (rows: readonly AccessLogEntry[], archived: (readonly ArchivedRows[])[], request = {}) =>
    verifyLog(storeOf(rows, LOG.length, archived).store, WALLET, request, deadlineOf(900_000));

  test('is verified from the last archived row on', async () => {
    expect(await verify(LEFT, [[spanOf(1, 100)]])).toMatchObject({ intact: true, length: LOG.length });
    expect(await verify([], [[spanOf(1, LOG.length)]])).toMatchObject({ intact: true, verifiedTo: positionOf(12_000) });
  });

  test('is verified again if its archive was written meanwhile', async () => {
    expect(await verify(LEFT, [[], [spanOf(1, 100)], [spanOf(1, 100)]])).toMatchObject({ intact: true });
  });

  test('is broken if its first rows are missing, and no archive has them', async () => {
    expect(await verify(LEFT, [])).toMatchObject({ intact: false, brokenAt: 1 });
    expect(await verify(LEFT, [[spanOf(1, 99)], [spanOf(1, 99)]])).toMatchObject({ intact: false, brokenAt: 100 });
  });

  test('is not verified from an archived row on, whose hash only the archive has, unless that is the last one', async () => {
    const from = ({ sequence: after, hash }: ChainPosition) => verify(LEFT, [[spanOf(1, 100)]], { after, hash });

    for (const hash of [positionOf(50).hash, '0'.repeat(64)])
      await expect(from({ sequence: 50, hash })).rejects.toThrow('after: expected row 100 or one behind it');
    await expect(from(positionOf(1))).rejects.toThrowWithCode('InvalidRequest');
    expect(await from(positionOf(100))).toMatchObject({ intact: true });
    expect(await from({ sequence: 100, hash: '0'.repeat(64) })).toMatchObject({ intact: false, brokenAt: 101 });
    expect(await from({ sequence: 0, hash: CHAIN_START.hash })).toMatchObject({ intact: true });
  });

  test('is not verified up to a row whose hash only the archive has', async () => {
    const request = { until: positionOf(50) };

    await expect(verify(LEFT, [[spanOf(1, 100)]], request)).rejects.toThrow('until: expected row 100');
    expect(await verify(LEFT, [[spanOf(1, 100)]], { until: positionOf(100) })).toMatchObject({ intact: true });
  });

  test('is broken by a row that is there twice at the end of a page', async () => {
    const twice = LOG.toSpliced(PAGE, 0, ...LOG.slice(PAGE - 1, PAGE));

    expect(await verify(twice, [])).toMatchObject({ intact: false, brokenAt: PAGE + 1, problemCount: 1 });
  });
});
