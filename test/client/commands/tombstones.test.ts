import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Tombstone } from '../../../lambda/contract/tombstones';
import { vault } from '../support/use-fake-vault';
import { run, runAtTerminal } from './support/account';
import { AS_SIGNER, file, files, folder, useDataVault } from './support/data-vault';

useDataVault();

const TOMBSTONES: readonly Tombstone[] = [
  { walletId: 'wallet-1', chain: 'EVM', revokedUntilNs: '1790000000000000001' },
  { walletId: 'wallet-2', chain: 'EVM', serverKeySharesRevokedAt: '2026-01-02T03:04:05.000Z' },
  { walletId: 'wållet-3', chain: 'SOL', revokedUntilNs: '1', serverKeySharesRevokedAt: '2026-01-02T03:04:05.000Z' },
];
const UNTIL = '2026-11-30T00:00:00.000Z';
const listed = (lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const LIST = [{ environment: 'dev' }, ...TOMBSTONES, { tombstones: 3, until: UNTIL }];
const replay = (text: string, ...args: string[]) =>
  run(['tombstones', 'replay', '--file', file('list', text), '--reason', 'restore', ...args, ...AS_SIGNER]);

beforeEach(() => {
  vault.functions.tombstones = [...TOMBSTONES];
  vault.functions.replays.length = 0;
  vault.functions.missing = undefined;
  vault.functions.pages.length = 0;
});

describe('share-vault tombstones export', () => {
  test('prints every page between a first and a last line, in printable ASCII', async () => {
    const { code, stdout } = await run(['tombstones', 'export', ...AS_SIGNER]);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\x20-\x7e\n]+$/);
    const lines = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown); // prettier-ignore
    expect(lines).toEqual([
      { environment: 'dev' },
      ...TOMBSTONES,
      { tombstones: 3, until: expect.stringMatching(/^\d{4}-.*Z$/) },
    ]);
  });

  test('prints what it read back', async () => {
    const { stdout } = await run(['tombstones', 'export', '--since', '2026-11-01', ...AS_SIGNER]);

    const { code, stderr } = await replay(stdout, '--yes');

    expect(code).toBe(0);
    expect(stdout).toContain('"since":"2026-11-01T00:00:00.000Z"');
    expect(vault.functions.replays).toMatchObject([
      { tombstones: TOMBSTONES },
      { action: 'finish-replay', since: '2026-11-01T00:00:00.000Z' },
    ]);
    expect(stderr).toBe('replayed 3 of 3\n');
  });
});

describe('share-vault tombstones export --out', () => {
  const exported = () => run(['tombstones', 'export', '--out', join(folder, 'list.jsonl'), ...AS_SIGNER]);

  test('writes the list to a new file of its owner, and prints nothing', async () => {
    const printed = await run(['tombstones', 'export', ...AS_SIGNER]);
    const { code, stdout } = await exported();

    expect([code, stdout]).toEqual([0, '']);
    expect(readFileSync(join(folder, 'list.jsonl'), 'utf8').split('\n').slice(0, -2)).toEqual(
      printed.stdout.split('\n').slice(0, -2),
    );
    expect(statSync(join(folder, 'list.jsonl')).mode & 0o077).toBe(0);
  });

  test('leaves no file if the list does not end, and keeps one that exists', async () => {
    vault.troubles.push({ reply: { status: 403, errorType: 'AccessDeniedException', body: '{}' } });
    const failed = await exported();
    expect([failed.code, files()]).toEqual([6, []]);

    writeFileSync(join(folder, 'list.jsonl'), 'the last good list');
    const { code, stderr } = await exported();
    expect(code).not.toBe(0);
    expect(stderr).toContain('--out: expected a file that can be written, got one that exists');
    expect(readFileSync(join(folder, 'list.jsonl'), 'utf8')).toBe('the last good list');
  });
});

describe('share-vault tombstones replay', () => {
  test('replays the list, states up to when it is complete, and says what was destroyed', async () => {
    const { code, stdout, stderr } = await replay(listed(LIST), '--yes');

    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'applied                     3',
      'known                       0',
      'records destroyed           3',
      `complete until              ${UNTIL}`,
      'freezes that can be thawed  1',
      '',
    ]);
    expect(stderr).toBe('replayed 3 of 3\n');
    expect(vault.functions.replays).toEqual([
      { action: 'replay-tombstones', environment: 'dev', tombstones: TOMBSTONES, reason: 'restore' },
      { action: 'finish-replay', environment: 'dev', until: UNTIL },
    ]);
  });

  test('sends long lists in parts', async () => {
    const many = Array.from({ length: 250 }, (_, number) => ({ walletId: `w-${number}`, chain: 'EVM', revokedUntilNs: '1' })); // prettier-ignore

    const { stderr } = await replay(listed([{ environment: 'dev' }, ...many, { tombstones: 250, until: UNTIL }]), '--yes'); // prettier-ignore

    expect(stderr).toBe('replayed 100 of 250\nreplayed 200 of 250\nreplayed 250 of 250\n');
  });

  test('ends with 1 and prints what is missing if the list ends too early', async () => {
    const missing = { since: UNTIL, until: '2026-12-01T00:00:00.000Z' };
    vault.functions.missing = missing;

    const { code, stdout, stderr } = await replay(listed(LIST), '--yes', '--json');

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ applied: 3, freezes: 0, missing });
    expect(stderr).toContain(`missing: tombstones since ${missing.since} until ${missing.until}\n`);
  });

  test('states a time after the end of the list only with --until', async () => {
    const { code, stdout } = await replay(listed(LIST), '--yes', '--until', '2026-12-01');

    expect(code).toBe(0);
    expect(stdout).toContain('complete until              2026-12-01T00:00:00.000Z');
    expect(vault.functions.replays.slice(1)).toEqual([
      { action: 'finish-replay', environment: 'dev', until: UNTIL },
      { action: 'finish-replay', environment: 'dev', since: UNTIL, until: '2026-12-01T00:00:00.000Z' },
    ]);
  });

  test('refuses a time before the end of the list, and sends nothing', async () => {
    const { code, stderr } = await replay(listed(LIST), '--yes', '--until', '2026-11-29');

    expect(code).toBe(2);
    expect(stderr).toContain("--until: expected a time after the list's end");
    expect(vault.functions.replays).toEqual([]);
  });

  test('asks at a terminal, and sends nothing for another answer', async () => {
    const asking = ['tombstones', 'replay', '--file', file('list', listed(LIST)), '--reason', 'r', ...AS_SIGNER];

    expect((await runAtTerminal(asking, 'no\r')).code).toBe(1);
    expect(vault.functions.replays).toEqual([]);
    expect((await runAtTerminal(asking, 'yes\r')).code).toBe(0);
  });

  test('replays a list of standard input with --yes', async () => {
    const args = ['tombstones', 'replay', '--file', '-', '--reason', 'r', '--yes', ...AS_SIGNER];

    const { code } = await run(args, listed(LIST));

    expect(code).toBe(0);
    expect(vault.functions.replays).toHaveLength(2);
  });

  test.each([
    ['of another environment', [{ environment: 'prod' }, ...LIST.slice(1)], 5, 'got those of another'],
    ['whose end was cut', LIST.slice(0, -1), 1, 'line 4: expected a line of a list of tombstones'],
    ['whose middle was cut', [LIST[0], ...LIST.slice(2)], 1, 'expected 3 tombstones, as the last line says, got 2'],
    ['that is empty', [], 1, 'line 1: expected a line of a list'],
    ['with a number for nanoseconds', [LIST[0], { walletId: 'w', chain: 'EVM', revokedUntilNs: 1 }, { tombstones: 1, until: UNTIL }], 1, 'line 2: expected'], // prettier-ignore
    ['with an unknown member', [LIST[0], { ...TOMBSTONES[0], force: true }, { tombstones: 1, until: UNTIL }], 1, 'line 2: expected'], // prettier-ignore
  ])('refuses a list %s, and sends nothing', async (_what, lines, exit, message) => {
    const { code, stderr } = await replay(listed(lines as object[]), '--yes');

    expect(code).toBe(exit);
    expect(stderr).toContain(message);
    expect(vault.functions.replays).toEqual([]);
  });
});

describe('share-vault tombstones replay without a list', () => {
  const LISTED = '2026-12-01T00:00:00.000Z';
  const page = (more: object) => ({ applied: 2, known: 1, destroyed: 3, listedAt: LISTED, ...more });
  const fromBucket = (...args: string[]) =>
    run(['tombstones', 'replay', '--reason', 'restore', '--yes', ...args, ...AS_SIGNER]);

  test("replays the bucket's pages since a time, and states what --until says", async () => {
    vault.functions.pages.push(page({ next: 'tombstones/b.json' }), page({ listedAt: '2026-12-02T00:00:00.000Z' }));

    const { code, stdout, stderr } = await fromBucket('--since', '2026-11-01', '--until', LISTED);

    expect(code).toBe(0);
    expect(stdout).toContain(`complete until              ${LISTED}`);
    expect(stderr).toBe('replayed 3\nreplayed 6\n');
    const [since, asked] = [
      '2026-11-01T00:00:00.000Z',
      { action: 'replay-bucket', environment: 'dev', reason: 'restore' },
    ];
    expect(vault.functions.replays).toEqual([
      { ...asked, since },
      { ...asked, since, after: 'tombstones/b.json' },
      { action: 'finish-replay', environment: 'dev', since, until: LISTED },
    ]);
  });

  test('without --until states nothing, and prints what a restored database waits for', async () => {
    vault.functions.pages.push(page({}));
    const missing = { since: '2026-11-30T00:00:00.000Z', until: LISTED };
    vault.functions.missing = missing;

    const { code, stdout, stderr } = await fromBucket();

    expect(code).toBe(1);
    expect(stdout).not.toContain('complete until');
    expect(stderr).toContain(`missing: tombstones since ${missing.since} until ${missing.until}\n`);
    expect(stderr).toContain('the bucket does not say whether it has all of them');
    const [, finish] = vault.functions.replays;
    expect(finish).toEqual({ action: 'finish-replay', environment: 'dev', until: '1970-01-01T00:00:00.000Z' });
  });

  test('refuses a statement that ends before --since', async () => {
    const { code, stderr } = await fromBucket('--since', '2026-11-02', '--until', '2026-11-01');

    expect([code, vault.functions.replays]).toEqual([2, []]);
    expect(stderr).toContain('--until: expected a time after --since');
  });

  const refused = [{ key: 'tombstones/a\u001b[2Jb', problem: 'expected an object that a vault put, got another' }];

  test('names objects that the vault refused, replays the other pages, and states nothing', async () => {
    vault.functions.pages.push(page({ refused, next: 'tombstones/b.json' }), page({}));

    const { code, stdout, stderr } = await fromBucket();

    expect(code).toBe(1);
    expect(stdout).toMatch(/^applied +4\nknown +2\nrecords destroyed +6\nrefused +1\n$/);
    expect(stderr).toContain('refused: tombstones/a\ufffd[2Jb: expected an object that a vault put, got another\n');
    expect(stderr).toContain('nothing is released before you know what the others are');
    expect(vault.functions.replays.map(({ action }) => action)).toEqual(['replay-bucket', 'replay-bucket']);
  });

  test('states a replay with refused objects with --despite-refused', async () => {
    vault.functions.pages.push(page({ refused }));

    const { code, stdout, stderr } = await fromBucket('--despite-refused', '--json');

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ applied: 2, refused, freezes: 1 });
    expect(stderr).toContain('refused: tombstones/a');
  });

  test('goes on with keys in the order of their bytes, which is another one than that of their units', async () => {
    vault.functions.pages.push(page({ next: 'tombstones/\uff5e' }), page({ next: 'tombstones/\u{1f600}' }), page({}));

    expect((await fromBucket()).code).toBe(0);
  });

  test('states nothing if a page leads back', async () => {
    vault.functions.pages.push(page({ next: 'tombstones/b.json' }), page({ next: 'tombstones/a.json' }));

    expect((await fromBucket()).code).toBe(1);
    expect(vault.functions.replays).toHaveLength(2);
  });
});

test.each([
  ['no action', [], 'expected export or replay'],
  ['a replay without a reason', ['replay', '--file', 'x'], 'expected --reason, got none'],
  [
    'a replay of standard input that could ask nobody',
    ['replay', '--reason', 'r', '--file', '-'],
    '--file -: expected --yes with it, got none',
  ],
  [
    'a replay of a list although objects were refused',
    ['replay', '--file', 'x', '--reason', 'r', '--despite-refused'],
    '--despite-refused: expected tombstones replay without --file with it',
  ],
  ['an export of a file', ['export', '--file', 'x'], '--file: expected tombstones replay with it'],
  [
    'a replay of a list since a time',
    ['replay', '--since', '2026-01-01', '--file', 'x'],
    '--since: expected tombstones export, or replay without --file, with it',
  ],
  ['a replay without a reason and without a list', ['replay', '--since', '2026-01-01'], 'expected --reason, got none'],
])('share-vault tombstones ends with 2 for %s', async (_what, args, message) => {
  const { code, stderr } = await run(['tombstones', ...args, ...AS_SIGNER]);

  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
