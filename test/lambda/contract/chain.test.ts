import { describe, expect, test } from '@jest/globals';
import type { AccessLogEntry } from '../../../lambda/contract/responses';
import { type ChainProblem, ChainVerifier, entryHash } from '../../../lambda/contract/chain';
import type { ChainHead, WalletKey } from '../../../lambda/store/store';

const WALLET = { walletId: 'wallet-1', chain: 'EVM' };
const GENESIS = '0'.repeat(64);

const first = link(GENESIS, { sequence: 1, action: 'seal', outcome: 'sealed', recordId: 'record-1' });
const second = link(first.hash, { sequence: 2, action: 'unseal', outcome: 'granted', reason: 'to sign' });
const third = link(second.hash, { sequence: 3, action: 'revoke', outcome: 'revoked', reason: 'ünïcode' });
const LOG = [first, second, third];
const HEAD = headOf(3, third);

function link(previousHash: string, content: Partial<AccessLogEntry>, wallet: WalletKey = WALLET): AccessLogEntry {
  const entry = {
    sequence: 1,
    at: '2026-11-21T00:00:00.123Z',
    action: 'unseal' as const,
    outcome: 'granted',
    actor: 'signer',
    requestId: 'request-1',
    ...content,
    previousHash,
    hash: '',
  };
  return { ...entry, hash: entryHash(wallet, entry) };
}

function headOf(length: number, last: AccessLogEntry): ChainHead {
  return { length, hash: Buffer.from(last.hash, 'hex') };
}

function verify(entries: readonly AccessLogEntry[], head = HEAD, wallet: WalletKey = WALLET) {
  const verifier = new ChainVerifier(wallet, head);
  verifier.add(entries);
  return verifier.end();
}

describe('a chain that is intact', () => {
  test('has no problem', () => {
    expect(verify(LOG)).toBeUndefined();
  });

  test('may come in pages', () => {
    const verifier = new ChainVerifier(WALLET, HEAD);
    for (const entry of LOG) verifier.add([entry]);
    expect(verifier.end()).toBeUndefined();
  });

  test('may be empty', () => {
    expect(verify([], { length: 0, hash: Buffer.alloc(32) })).toBeUndefined();
  });

  test('may have grown behind the head that was read', () => {
    expect(verify(LOG, headOf(2, second))).toBeUndefined();
  });
});

const changes: readonly (readonly [string, Partial<AccessLogEntry>])[] = [
  ['time', { at: '2026-11-21T00:00:00.124Z' }],
  ['action', { action: 'seal' }],
  ['outcome', { outcome: 'not-found' }],
  ['actor', { actor: 'other' }],
  ['request', { requestId: 'request-2' }],
  ['record', { recordId: 'record-2' }],
  ['reason', { reason: 'to sigh' }],
];

describe('a chain that was tampered with', () => {
  test.each(changes)('is broken where the %s was changed', (_, change) => {
    expect(verify([first, { ...second, ...change }, third])).toMatchObject({ brokenAt: 2 });
  });

  test('is broken where a reason was taken away', () => {
    const { reason: _, ...without } = second;
    expect(verify([first, without, third])).toMatchObject({ brokenAt: 2 });
  });

  test('is broken where text moved from one column to the next', () => {
    const moved = { ...second, actor: 'signerre', requestId: 'quest-1' };
    expect(verify([first, moved, third])).toMatchObject({ brokenAt: 2 });
  });

  test('is broken where a row was changed and given its proper hash', () => {
    const relinked = link(first.hash, { ...second, reason: 'to sigh' });
    expect(verify([first, relinked, third])).toMatchObject({ brokenAt: 3 });
  });

  test('is broken where everything after a change was linked again', () => {
    const relinked = link(first.hash, { ...second, reason: 'to sigh' });
    expect(verify([first, relinked, link(relinked.hash, third)])).toMatchObject({ brokenAt: 3 });
  });

  test('is broken where its end is missing', () => {
    expect(verify([first, second])).toMatchObject({ brokenAt: 3, problem: 'expected 3 rows, got 2' });
  });

  test('is broken where its start is missing', () => {
    expect(verify([second, third])).toMatchObject({ brokenAt: 1 });
  });

  test('is broken where the start is missing and the rest has new numbers', () => {
    const renumbered = link(first.hash, { ...second, sequence: 1 });
    expect(verify([renumbered], headOf(1, renumbered))).toMatchObject({ brokenAt: 1 });
  });

  test('is broken where a row between is missing', () => {
    expect(verify([first, third])).toMatchObject({ brokenAt: 2 });
  });

  test('is broken where rows changed places', () => {
    expect(verify([first, third, second])).toMatchObject({ brokenAt: 2 });
  });

  test('is broken where a row is repeated', () => {
    expect(verify([first, first, second])).toMatchObject({ brokenAt: 2 });
  });

  test('is broken where the head is longer', () => {
    expect(verify(LOG, headOf(4, third))).toMatchObject({ brokenAt: 4 });
  });

  test('is broken where the head is shorter and of the last row', () => {
    expect(verify(LOG, headOf(2, third))).toMatchObject({ brokenAt: 2 });
  });

  test('is broken where the head says that there is nothing', () => {
    expect(verify([], { length: 0, hash: Buffer.from(first.hash, 'hex') })).toMatchObject({ brokenAt: 1 });
  });

  test("is broken where it is another wallet's", () => {
    expect(verify(LOG, HEAD, { walletId: 'wallet-2', chain: 'EVM' })).toMatchObject({ brokenAt: 1 });
  });
});

describe('a chain that is verified from a row on', () => {
  const verifyAfter = (row: AccessLogEntry, entries: readonly AccessLogEntry[], head = HEAD) => {
    const verifier = new ChainVerifier(WALLET, head, row);
    verifier.add(entries);
    return verifier.end();
  };

  test('is intact if the rows behind that one follow from it', () => {
    expect(verifyAfter(first, [second, third])).toBeUndefined();
    expect(verifyAfter(third, [])).toBeUndefined();
  });

  test('is broken behind that row if the row has another hash', () => {
    expect(verifyAfter({ ...first, hash: GENESIS }, [second, third])).toMatchObject({ brokenAt: 2 });
    expect(verifyAfter({ ...third, hash: GENESIS }, [])).toMatchObject({ brokenAt: 3 });
  });

  test('is broken at its end if it is shorter than the number of that row', () => {
    expect(verifyAfter(third, [], headOf(2, second))).toMatchObject({
      brokenAt: 3,
      problem: 'expected 3 rows or more, got 2',
    });
  });
});

describe('a chain with archived rows', () => {
  const claimed = { from: 1, previousHash: GENESIS, sequence: 3, hash: third.hash };
  const countOf = (...add: readonly ((verifier: ChainVerifier) => void)[]) => {
    const verifier = new ChainVerifier(WALLET, HEAD);
    for (const each of add) each(verifier);
    return [verifier.archivedRows, verifier.end()?.problems.map(({ problem }) => problem)];
  };

  test('counts the rows that a span hides, and no row that was verified', () => {
    expect(countOf((verifier) => verifier.addArchived(claimed))).toEqual([3, undefined]);
    expect(
      countOf(
        (verifier) => verifier.add([first, second]),
        (verifier) => verifier.addArchived({ ...claimed, from: 3, previousHash: second.hash }),
      ),
    ).toEqual([1, undefined]);
    expect(
      countOf(
        (verifier) => verifier.add(LOG.slice(0, 2)),
        (verifier) => verifier.addArchived(claimed),
      ),
    ).toEqual([1, ['expected row 3, got row 1']]);
  });

  test('is broken where a span ends before it begins', () => {
    const span = { from: 1, previousHash: GENESIS, sequence: 0, hash: GENESIS };
    expect(countOf((verifier) => verifier.addArchived(span), (verifier) => verifier.add(LOG))).toEqual([
      0,
      ['expected archived rows up to row 1 or one behind it, got row 0'],
    ]); // prettier-ignore
  });
});

test('a chain without a head is verified by the links of its rows', () => {
  const intact = new ChainVerifier(WALLET);
  intact.add(LOG);
  const broken = new ChainVerifier(WALLET);
  broken.add([first, third]);

  expect(intact.end()).toBeUndefined();
  expect(intact.position).toEqual({ sequence: 3, hash: third.hash });
  expect(broken.end()).toMatchObject({ brokenAt: 2 });
});

test("a row's hash covers a previous hash that is none, of whatever length", () => {
  const odd = ['', 'zz', 'ab'.repeat(1_000)].map((previousHash) => entryHash(WALLET, { ...first, previousHash }));

  expect(new Set([first.hash, ...odd]).size).toBe(3);
});

/** Returns a chain with this number of rows. */
function rowsOf(length: number): readonly AccessLogEntry[] {
  const rows: AccessLogEntry[] = [];
  for (let sequence = 1; sequence <= length; sequence++) rows.push(link(rows.at(-1)?.hash ?? GENESIS, { sequence }));
  return rows;
}

const renamed = (row: AccessLogEntry): AccessLogEntry => ({ ...row, actor: 'other' });
const sequencesOf = (problem: ChainProblem | undefined) => problem?.problems.map(({ sequence }) => sequence);

describe('a chain with several rows that do not fit', () => {
  const one = link(GENESIS, { sequence: 1 });
  const two = link(one.hash, { sequence: 2 });
  const three = link(two.hash, { sequence: 3 });
  const four = link(three.hash, { sequence: 4 });
  const five = link(four.hash, { sequence: 5 });

  test('reports each row whose content was changed, and those between as intact', () => {
    const problem = verify([one, renamed(two), three, renamed(four), five], headOf(5, five));
    expect(problem).toEqual({
      brokenAt: 2,
      problem: "expected the hash of the row's content, got another",
      problems: [
        { sequence: 2, problem: "expected the hash of the row's content, got another" },
        { sequence: 4, problem: "expected the hash of the row's content, got another" },
      ],
      problemCount: 2,
    });
  });

  test('reports a missing row, and verifies the rows after it', () => {
    expect(sequencesOf(verify([one, three, renamed(four), five], headOf(5, five)))).toEqual([2, 4]);
  });

  test('reports a changed row and the missing end', () => {
    expect(sequencesOf(verify([one, renamed(two), three], headOf(5, five)))).toEqual([2, 4]);
  });

  test('reports the first hundred of them, and how many there are', () => {
    const rows = rowsOf(150);
    const problem = verify(rows.map(renamed), headOf(150, rows.at(-1) ?? one));
    expect(sequencesOf(problem)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(problem?.problemCount).toBe(150);
  });
});
