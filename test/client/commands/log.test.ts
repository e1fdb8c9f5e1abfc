import { beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { runCli } from '../../../client/commands/run';
import type { AccessLogEntry } from '../../../client/index';
import { useEndpoint } from '../../support/use-endpoint';
import { useFakeVault, vault } from '../support/use-fake-vault';
import { run } from './support/account';
import { start } from './support/process';

/** Characters that a caller may use in a reason, and more. None may reach a terminal unescaped. */
const REASON = 'ünïcode \u001b[31m\u009b1m\u202e\u2028 \ud83d\ude00';
const WALLET = ['--wallet', 'wallet-1', '--chain', 'EVM'];
const ONLINE = ['log', '--environment', 'prod', '--actor', 'auditor', ...WALLET];
let head: string;
let lines: string;

useFakeVault();
beforeAll(async () => {
  useEndpoint({ url: vault.endpoint });
  const ledger = vault.functions.ledgerOf('wallet-1');
  const facts = { outcome: 'granted', actor: 'signer', requestId: 'request-1' };
  for (const reason of ['first', REASON, 'third', 'fourth', 'fifth']) {
    ledger.append({ action: 'unseal', ...facts, reason });
  }
  head = `5:${ledger.entries[4]?.hash ?? ''}`;
  lines = (await run(ONLINE)).stdout;
});

const offline = (input: string, ...args: readonly string[]) => run(['log', '--verify', '--file', '-', ...args], input);
const edited = (change: (line: string) => string) => lines.trimEnd().split('\n').map(change).join('\n');

describe('share-vault log', () => {
  test('prints every row as a line of printable JSON that loses nothing', async () => {
    const { code, stdout, stderr } = await run(ONLINE);

    const printedRows = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as AccessLogEntry); // prettier-ignore
    const rows = vault.functions.ledgerOf('wallet-1').entries;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(printedRows).toEqual(rows.map((row) => ({ walletId: 'wallet-1', chain: 'EVM', ...row })));
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
    expect(vault.calls.at(-1)).toMatchObject({ functionName: 'share-vault-prod-audit', qualifier: 'auditor' });
  });

  test('verifies the rows that it prints against the head that the vault has', async () => {
    const { code, stdout, stderr } = await run([...ONLINE, '--verify']);

    expect({ code, stdout }).toEqual({ code: 0, stdout: lines });
    expect(stderr).toBe(`intact: the access log of wallet "wallet-1" on "EVM"\nhead ${head}\n`);
  });

  test('verifies without printing, from a row on and up to a head that was kept elsewhere', async () => {
    const [, second] = vault.functions.ledgerOf('wallet-1').entries;
    const args = ['--verify', '--quiet', '--after', `2:${second?.hash ?? ''}`, '--head', head];

    const { code, stdout, stderr } = await run([...ONLINE, ...args]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain(`head ${head}\n`);
  });

  test('fails for a head that is not of this log', async () => {
    const { code, stderr } = await run([...ONLINE, '--verify', '--quiet', '--head', `4:${head.slice(2)}`]);

    expect(code).toBe(1);
    expect(stderr).toBe("row 4: expected the last row's hash to be the head's, got another\nbroken: the access log of wallet \"wallet-1\" on \"EVM\"\n"); // prettier-ignore
  });

  test('prints the rows after one without its hash', async () => {
    const { stdout } = await run([...ONLINE, '--after', '3']);

    expect(stdout).toBe(lines.split('\n').slice(3).join('\n'));
  });

  test('ends with 8 when the reader of its output has gone, and asks for one page more at most', async () => {
    const calls = vault.calls.length;
    const stdout = new Writable({ highWaterMark: 1, write: () => stdout.destroy() });
    const quiet = new Writable({ write: (_chunk, _encoding, done) => done() });

    const code = await runCli(ONLINE, { stdin: Readable.from([]), stdout, stderr: quiet }, {});

    expect(code).toBe(8);
    expect(vault.calls).toHaveLength(calls + 2);
  });

  test('prints the code of a refusal, and no text of the vault', async () => {
    vault.functions.ledgerOf('wallet-2').older = true;
    const other = ONLINE.with(6, 'wallet-2');

    const { code, stderr } = await run([...other, '--verify']);

    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^share-vault log: expected the vault to accept the call, got InvalidRequest: is the vault of the same/,
    );
  });
});

describe('share-vault log --follow', () => {
  const following = (id: string) => ['log', '--environment', 'prod', '--actor', 'auditor', '--wallet', id, '--chain', 'EVM', '--follow']; // prettier-ignore
  const append = (id: string, reason: string) =>
    vault.functions
      .ledgerOf(id)
      .append({ action: 'unseal', outcome: 'granted', actor: 'signer', requestId: 'r', reason });
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  test.each([
    ['prints', [], ''],
    ['verifies', ['--verify'], 'intact to row 2, without a head to compare with'],
  ])('%s rows as they come, and exits 0 at Ctrl-C', async (what, args, message) => {
    append(`followed-${what}`, 'first');
    const { child, ended } = start([...following(`followed-${what}`), ...args]);
    let printed = '';
    child.stdout?.on('data', (data: Buffer) => (printed += data.toString()));
    await until(() => printed.includes('"first"'));
    append(`followed-${what}`, 'second');
    await until(() => printed.includes('"second"'));

    child.kill('SIGINT');
    const { code, stderr } = await ended;

    expect(code).toBe(0);
    expect(stderr).toContain(message);
    expect(printed.trimEnd().split('\n')).toHaveLength(2);
  });

  test('ends with 1 at a row that does not fit, with --verify', async () => {
    append('changed', 'first');
    const { child, ended } = start([...following('changed'), '--verify']);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    append('changed', 'second');
    const { entries } = vault.functions.ledgerOf('changed');
    entries.splice(1, 1, { ...entries[1], reason: 'other' } as AccessLogEntry);

    const { code, stderr } = await ended;

    expect(code).toBe(1);
    expect(stderr).toMatch(/^row 2: expected [^]*\nbroken: /);
  });
});

describe('share-vault log --file', () => {
  test('verifies lines that were kept, without a vault or an environment', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'log-')), 'log.jsonl');
    writeFileSync(file, lines);
    const calls = vault.calls.length;

    const { code, stdout, stderr } = await run(['log', '--verify', '--file', file, '--head', head]);

    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toBe(`intact: the access log of wallet "wallet-1" on "EVM"\nhead ${head}\n`);
    expect(vault.calls).toHaveLength(calls);
  });

  test('reports that the end is not verified without a head', async () => {
    const cut = await offline(lines.split('\n').slice(0, 3).join('\n'));

    expect(cut.code).toBe(0);
    expect(cut.stderr).toContain('intact to row 3, without a head to compare with');
  });

  test.each([
    ['a reason was changed', () => edited((line) => line.replace('"third"', '"other"')), 3],
    ['a row was taken out', () => edited((line) => line).replace(/.*"sequence":2,.*\n/, ''), 2],
    ['the end was cut off', () => lines.split('\n').slice(0, 4).join('\n'), 5],
    ['it was made one of another wallet', () => edited((line) => line.replace('wallet-1', 'wallet-2')), 1],
  ])('fails with 1 if %s, and names the row', async (_what, change, row) => {
    const { code, stderr } = await offline(change(), '--head', head);

    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^row ${row}: expected .*\\n`));
    expect(stderr).toContain('broken: ');
  });

  test('names the first hundred rows that do not fit, and counts the others', async () => {
    const [row = ''] = lines.split('\n');

    const { code, stderr } = await offline(`${row}\n`.repeat(151));

    expect(code).toBe(1);
    expect(stderr).toMatch(/^(row \d+: .*\n){100}and 50 more\nbroken: /);
  });

  test.each([
    ['no row', '', 'expected rows of an access log, got none'],
    ['what is not JSON', 'row', 'line 1: expected a row of an access log as JSON, got something else'],
    [
      'a row of another action',
      '{"walletId":"w","chain":"EVM","sequence":1,"action":"\u001b[31m"}',
      'line 1: expected',
    ],
    ['a line without an end', 'x'.repeat(70_000), 'expected lines of at most 65536 characters, got a longer one'],
  ])('fails with 1 for %s, and quotes nothing of it', async (_what, input, message) => {
    const { code, stderr } = await offline(input);

    expect(code).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('\u001b');
  });

  test('fails with 1 for rows of two wallets', async () => {
    const { code, stderr } = await offline(edited((line) => line.replace(/wallet-1(?=.*"third")/, 'wallet-2')));

    expect(code).toBe(1);
    expect(stderr).toContain('row 3: expected the wallet of the first row, got another');
  });

  test.each([
    ['of another wallet', '"walletId":"wallet-2","chain":"EVM"'],
    ['of the same wallet on another chain', '"walletId":"wallet-1","chain":"SVM"'],
  ])(
    'fails with 2 for a head and rows %s after those of the first, since one head is of one wallet',
    async (_what, other) => {
      const first = `${lines}{"walletId":"wallet-1","chain":"EVM","head":{"sequence":5,"hash":"${head.slice(2)}"}}\n`;
      const second = edited((line) => line.replace('"walletId":"wallet-1","chain":"EVM"', other));

      const { code, stderr } = await offline(`${first}${second}`, '--head', head);
      const alone = await offline(first, '--head', head);

      expect([code, alone.code]).toEqual([2, 0]);
      expect(stderr).toBe(
        'share-vault log: --head: expected lines of one wallet with it, got another: verify each wallet by itself\n',
      );
    },
  );

  test('fails with 1 for bytes that are no UTF-8, and for a file that is not there', async () => {
    const stdin = Readable.from([Buffer.from([0xff])]);
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const bytes = await runCli(['log', '--verify', '--file', '-'], { stdin, stdout: nowhere, stderr: nowhere }, {});

    const missing = await run(['log', '--verify', '--file', '/nowhere/log.jsonl']);

    expect([bytes, missing.code]).toEqual([1, 1]);
    expect(missing.stderr).toContain('expected a file that can be read, got ENOENT');
  });
});

describe('share-vault log fails with 2', () => {
  test.each([
    ['without a wallet', ONLINE.slice(0, 5), 'expected --wallet, got none'],
    ['for a file that is not to be verified', ['log', '--file', '-'], '--file: expected --verify with it'],
    ['for a file and a wallet', ['log', '--verify', '--file', '-', ...WALLET], 'expected no --wallet with it'],
    ['for rows that are neither printed nor verified', [...ONLINE, '--quiet'], '--quiet: expected --verify with it'],
    ['for a head that is not used', [...ONLINE, '--head', `1:${'0'.repeat(64)}`], '--head: expected --verify with it'],
    ['for a head without a hash', [...ONLINE, '--verify', '--head', '5'], "--head: expected a row's number, a colon"],
    ['for a start without its hash', [...ONLINE, '--verify', '--after', '2'], "--after: expected a row's number"],
    ['for an actor that is none', ONLINE.with(4, 'Auditor'), '--actor: expected lower-case letters'],
  ])('%s', async (_what, args, message) => {
    const { code, stdout, stderr } = await run(args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
