import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AccessLogEntry } from '../../../client/index';
import { useEndpoint } from '../../support/use-endpoint';
import type { Ledger } from '../support/ledger';
import { useFakeVault, vault } from '../support/use-fake-vault';
import { run } from './support/account';
import { start } from './support/process';

const AS_AUDITOR = ['--environment', 'prod', '--actor', 'auditor'];
let wallets = 0;
let walletId: string;
let ledger: Ledger;

useFakeVault();
beforeEach(() => {
  useEndpoint({ url: vault.endpoint });
  walletId = `archived-${(wallets += 1)}`;
  ledger = vault.functions.ledgerOf(walletId);
  for (let row = 1; row <= 6; row += 1)
    ledger.append({ action: 'unseal', outcome: 'granted', actor: 'signer', requestId: 'r' });
});

const named = () => ['--wallet', walletId, '--chain', 'EVM'];
const verify = (...args: readonly string[]) => run(['log', ...AS_AUDITOR, ...named(), '--verify', ...args]);
const exported = async () => (await run(['export', ...AS_AUDITOR, ...named()])).stdout;
const verifyFile = (text: string, ...args: readonly string[]) => run(['log', '--verify', '--file', '-', ...args], text);
const positionOf = (row: number) => `${row}:${ledger.entries[row - 1]?.hash ?? ''}`;
const sequences = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Partial<AccessLogEntry> & { archived?: { from: number; sequence: number } })
    .map(({ sequence, archived }) => sequence ?? (archived && [archived.from, archived.sequence]) ?? 'head');
const INTACT = /^intact except for 3 archived rows, which were not verified: the access log/m;
const UNACCEPTED = 'expected every row, or --archived to accept archived ones, got neither\n';

describe('an export of a wallet with archived rows', () => {
  test('has them as spans in the place of their rows, and verifies without the vault', async () => {
    ledger.archive(1, 2);
    ledger.archive(4, 4);

    const text = await exported();
    const { code, stderr } = await verifyFile(text, '--archived');

    expect(sequences(text)).toEqual([[1, 2], 3, [4, 4], 5, 6, 'head']);
    expect(stderr).toContain('archived: rows 1 to 2 are compared by their ends only\n');
    expect(stderr).toMatch(INTACT);
    expect(code).toBe(0);
  });

  test('has them all as one span if no row is left', async () => {
    ledger.archive(1, 6);

    const text = await exported();

    expect(sequences(text)).toEqual([[1, 6], 'head']);
    expect((await verifyFile(text, '--archived')).code).toBe(0);
  });

  test('is broken if a span was taken out, or has another hash', async () => {
    ledger.archive(1, 2);
    const text = await exported();
    const { hash = '' } = ledger.entries[1] ?? {};

    const without = await verifyFile(text.slice(text.indexOf('\n') + 1), '--archived');
    const changed = await verifyFile(
      text.replace(`"sequence":2,"hash":"${hash}"`, `"sequence":2,"hash":"${'0'.repeat(64)}"`),
      '--archived',
    );

    expect(without.code).toBe(1);
    expect(without.stderr).toContain('row 1: expected row 1, got row 3\n');
    expect(changed.code).toBe(1);
    expect(changed.stderr).toContain('row 3: expected the hash of the row before, got another\n');
  });

  test('is not verified up to a row whose hash only the archive has', async () => {
    ledger.archive(1, 2);

    const { code, stderr } = await verifyFile(await exported(), '--head', positionOf(1));

    expect(code).toBe(2);
    expect(stderr).toContain('--head: expected row 2 or one behind it, since rows before are archived, got row 1');
  });

  test('verifies if rows are archived after the page that has them was read', async () => {
    let [reads, former] = [0, ledger.archived];
    vault.troubles.push(
      { response: (head) => head },
      {
        response: (page) => {
          reads += 1;
          former = ledger.archived;
          ledger.archive(1, 1);
          return page;
        },
      },
    );

    const text = await exported();

    expect([reads, former]).toEqual([1, []]);
    expect((await verifyFile(text)).code).toBe(0);
  });
});

/** Replaces the lines of some rows by a span with the hashes of the rows beside them. */
function hide(text: string, from: number, to: number): string {
  const lines = text.trimEnd().split('\n');
  const [{ previousHash = '' } = {}, { hash = '' } = {}] = [ledger.entries[from - 1], ledger.entries[to - 1]];
  const archived = { from, previousHash, sequence: to, hash };
  lines.splice(from - 1, to - from + 1, JSON.stringify({ walletId, chain: 'EVM', archived }));
  return lines.join('\n');
}

/** Archives rows after some calls of `log` were answered: a wallet's head is asked for first, then pages of two rows. */
const archiveAfter = (calls: number, ...spans: readonly [number, number][]) => {
  const archive = (response: object) => {
    for (const span of spans) ledger.archive(...span);
    return response;
  };
  const unchanged = { response: (response: object) => response };
  vault.troubles.push(...Array.from({ length: calls - 1 }, () => unchanged), { response: archive });
};

describe('rows that are archived while they are read', () => {
  const AGAIN = 'rows were archived while the log was read: run the command again';
  const replaceSpans = (...spans: readonly [number, number][]) => {
    ledger.archived = [];
    for (const span of spans) ledger.archive(...span);
  };

  test.each([
    ['rows that were read and rows behind them', [1, 4]],
    ['all rows', [1, 6]],
  ] as const)('end an export, a print and a verification with 1 if they are %s', async (_what, span) => {
    for (const args of [['export'], ['log', '--head', positionOf(6), '--verify'], ['log']]) {
      ledger.archived = [];
      archiveAfter(args[0] === 'export' ? 2 : 1, [...span]);

      const { code, stderr } = await run([args[0] ?? '', ...AS_AUDITOR, ...named(), ...args.slice(1)]);

      expect(stderr).toContain(AGAIN);
      expect(stderr).not.toContain('broken');
      expect(code).toBe(1);
    }
  });

  test('end an export with 1 if the span before the page has its rows too', async () => {
    replaceSpans([1, 2]);
    const archive = (page: object) => {
      replaceSpans([1, 4]);
      return page;
    };
    vault.troubles.push({ response: (head) => head }, { response: archive });

    const { code, stderr } = await run(['export', ...AS_AUDITOR, ...named()]);

    expect(stderr).toContain(AGAIN);
    expect(code).toBe(1);
  });

  test('are in an export that verifies if they have a span of their own, behind the one that was known', async () => {
    ledger.archive(1, 1);
    // head, rows 2 and 3, spans: then row 4
    archiveAfter(3, [4, 4]);

    const text = await exported();

    expect(sequences(text)).toEqual([[1, 1], 2, 3, [4, 4], 5, 6, 'head']);
    expect((await verifyFile(text, '--archived')).code).toBe(0);
  });

  test('are in the lines of a log if they are its last ones', async () => {
    ledger.archive(5, 6);

    expect(sequences((await run(['log', ...AS_AUDITOR, ...named()])).stdout)).toEqual([1, 2, 3, 4, [5, 6]]);
  });
});

test('share-vault log --follow asks for archived rows at the start, and not each time it finds no row', async () => {
  const before = vault.calls.length;
  const asked = () =>
    vault.calls.slice(before).map(({ payload }) => (JSON.parse(payload) as { action: string }).action);
  ledger.archive(1, 4);
  const { child, ended } = start(['log', ...AS_AUDITOR, ...named(), '--follow']);
  while (asked().length < 5) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');

  expect((await ended).code).toBe(0);
  // rows may be archived between two pages, so the first poll asks also behind the last row
  expect(asked().slice(0, 5)).toEqual(['log', 'head', 'head', 'log', 'log']);
});

describe('a file in which somebody replaced rows by a span with the right hashes', () => {
  test.each([
    ['one row', 3, 3, '1 archived row, which was not verified'],
    ['some rows', 2, 4, '3 archived rows, which were not verified'],
    ['every row', 1, 6, '6 archived rows, which were not verified'],
  ])('is not accepted with %s hidden, and names how many', async (_what, from, to, except) => {
    const text = hide(await exported(), from, to);

    const refused = await verifyFile(text);
    const accepted = await verifyFile(text, '--archived');

    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`intact except for ${except}: the access log`);
    expect(refused.stderr).toContain(UNACCEPTED);
    expect(accepted.code).toBe(0);
    expect(accepted.stderr).toContain(`intact except for ${except}: the access log`);
    expect(accepted.stderr).not.toContain(UNACCEPTED);
  });

  test('is not accepted without a head either, and names how many rows are hidden', async () => {
    const text = hide(await exported(), 2, 4)
      .split('\n')
      .slice(0, -1)
      .join('\n');

    const { code, stderr } = await verifyFile(text);

    expect(code).toBe(1);
    expect(stderr).toContain('intact to row 6 except for 3 archived rows, which were not verified, without a head');
  });

  test('is not accepted after another wallet whose rows are all there', async () => {
    const whole = await exported();

    const { code } = await verifyFile(`${whole}${hide(whole, 2, 4)}\n${whole}`);

    expect(code).toBe(1);
  });
});

test('share-vault log refuses --archived without --file', async () => {
  const { code, stderr } = await verify('--archived');

  expect(code).toBe(2);
  expect(stderr).toContain('--archived: expected --file with it');
});

describe('share-vault log of a wallet with archived rows', () => {
  test('verifies them by their ends, and prints spans that verify later', async () => {
    ledger.archive(1, 3);

    const { code, stdout, stderr } = await verify();

    expect(sequences(stdout)).toEqual([[1, 3], 4, 5, 6]);
    expect(stderr).toMatch(INTACT);
    expect(code).toBe(0);
    expect((await verifyFile(stdout, '--archived', '--head', positionOf(6))).code).toBe(0);
  });

  test('prints spans also if it does not verify', async () => {
    ledger.archive(1, 6);

    expect(sequences((await run(['log', ...AS_AUDITOR, ...named()])).stdout)).toEqual([[1, 6]]);
  });

  test.each([
    ['after', 'expected row 3 or one behind it, since rows before are archived, got row 2'],
    ['head', 'expected row 3 or one behind it, since rows before are archived, got row 2'],
  ])('refuses --%s at a row whose hash only the archive has', async (option, message) => {
    ledger.archive(1, 3);

    for (const place of [positionOf(2), `2:${'0'.repeat(64)}`]) {
      const { code, stderr } = await verify('--quiet', `--${option}`, place);
      expect(code).toBe(2);
      expect(stderr).toContain(`--${option}: ${message}`);
    }
  });

  test('verifies from the last archived row on, and up to it', async () => {
    ledger.archive(1, 3);

    expect((await verify('--quiet', '--after', positionOf(3))).code).toBe(0);
    expect((await verify('--quiet', '--head', positionOf(3))).code).toBe(0);
    expect((await verify('--quiet', '--after', `3:${'0'.repeat(64)}`)).code).toBe(1);
    expect((await verify('--quiet', '--head', `3:${'0'.repeat(64)}`)).code).toBe(1);
  });
});
