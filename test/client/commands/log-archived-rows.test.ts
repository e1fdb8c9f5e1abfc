import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AccessLogEntry } from '../../../client/index';
import { useEndpoint } from '../../support/use-endpoint';
import type { Ledger } from '../support/ledger';
import { useFakeVault, vault } from '../support/use-fake-vault';
import { run } from './support/account';

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
