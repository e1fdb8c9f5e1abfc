import { beforeEach, describe, expect, test } from '@jest/globals';
import { ENVIRONMENT } from '../support/fake-functions';
import { vault } from '../support/use-fake-vault';
import { run } from './support/account';
import { useDataVault } from './support/data-vault';

useDataVault();
beforeEach(() => {
  vault.freezes.facts.length = 0;
  vault.freezes.onList = () => undefined;
});

const VAULT = ['--environment', ENVIRONMENT];
const AS_ONCALL = [...VAULT, '--as', 'oncall'];
const AS_SECURITY = [...VAULT, '--as', 'security'];
const freeze = (...scope: readonly string[]) => run(['freeze', ...scope, '--reason', 'ticket 4711', ...AS_ONCALL]);
const request = (id = '1') => run(['thaw', 'request', id, '--reason', 'over', ...AS_ONCALL]);
const confirm = (as: readonly string[] = AS_SECURITY, id = '1') => run(['thaw', 'confirm', id, ...as]);

function lackTombstones(): void {
  const [fact] = vault.freezes.facts;
  if (fact !== undefined) vault.freezes.facts[0] = { ...fact, replayFrom: '2026-11-01T00:00:00.000Z' };
}

function requestedAt(minutes: number): void {
  const [fact] = vault.freezes.facts;
  const thawRequestedAt = new Date(Date.now() + minutes * 60_000).toISOString();
  if (fact !== undefined) vault.freezes.facts[0] = { ...fact, thawRequestedAt };
}

/** Returns the printed commands, as a shell splits them. */
function commandsIn(stdout: string): readonly (readonly string[])[] {
  const lines = [...stdout.matchAll(/^ {2}share-vault (.+)$/gm)].map(([, line = '']) => line);
  return lines.map((line) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ''));
}

describe('share-vault freeze', () => {
  test.each([
    [['--all'], { scope: 'all' }, 'no record is opened, and none is resealed'],
    [['--callers'], { scope: 'callers' }, 'no record is opened for a caller; reseals go on'],
    [['--actor', 'signer'], { scope: 'actor', name: 'signer' }, 'no record is opened for the actor signer'],
    [['--kind', 'delegated-share'], { scope: 'kind', name: 'delegated-share' }, 'no record of the kind delegated-share is opened'], // prettier-ignore
  ])('%j prints its effect, since when, and the next command', async (scope, fact, effect) => {
    const { code, stdout, stderr } = await freeze(...scope);

    expect([code, stderr]).toEqual([0, '']);
    expect(vault.freezes.facts).toMatchObject([{ ...fact, reason: 'ticket 4711', frozenBy: 'oncall' }]);
    expect(stdout).toContain(`freeze    1\neffect    ${effect}\nsince     2`);
    expect(stdout).toContain('in force  only this freeze\n');
    expect(commandsIn(stdout)).toEqual([['thaw', 'request', '1', '--reason', 'TEXT', ...AS_ONCALL]]);
  });

  test.each([
    [['--reason', 'r'], 'expected one of --all, --callers, --actor NAME or --kind KIND, got none\n'],
    [['--all', '--actor', 'oncall', '--reason', 'r'], 'got several: --as names the actor as whom you call\n'],
    [['--all'], 'expected --reason, got none\n'],
    [['--kind', 'shares', '--reason', 'r'], '--kind: expected delegated-share or server-key-shares, got another\n'],
    [['everything', '--reason', 'r'], 'expected only options, or list, got something else\n'],
  ])('refuses %j before anything is sent', async (args, message) => {
    const { code, stderr } = await run(['freeze', ...args, ...AS_ONCALL]);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(vault.calls).toEqual([]);
  });

  test('refuses to run without the actor as whom to call', async () => {
    const { code, stderr } = await run(['freeze', '--all', '--reason', 'r', ...VAULT]);

    expect([code, stderr]).toEqual([2, 'share-vault freeze: expected --as, got none\n']);
  });

  test('says of an actor that can not be frozen by its name what the name must be', async () => {
    const { code, stderr } = await freeze('--actor', 'singer');

    expect(code).toBe(1);
    expect(stderr).toMatch(/got InvalidRequest: an actor that is frozen by its name must be one that may unseal/);
  });

  test('prints JSON with --json', async () => {
    const { stdout } = await run(['freeze', '--all', '--reason', 'r', '--json', ...AS_ONCALL]);

    expect(JSON.parse(stdout)).toEqual({ freezeId: 1, frozenAt: expect.any(String), inForce: 1 });
  });
});

describe('share-vault thaw', () => {
  test('takes a request and a confirmation by the printed command of another actor', async () => {
    await freeze('--all');
    const requested = await request();
    const [words = []] = commandsIn(requested.stdout);
    const confirmed = await run(words.map((word) => (word === 'NAME' ? 'security' : word)));

    expect(requested.stdout).toMatch(/^thaw requested {2}freeze 1\nby {14}oncall\nconfirm until {3}\S+Z\n/);
    expect(confirmed).toMatchObject({ code: 0, stderr: '' });
    expect(confirmed.stdout).toMatch(/^thawed {4}freeze 1\nat {8}\S+Z\nin force {2}no freeze\n$/);
  });

  test('takes all freezes in one go: a request of all, and the printed confirmation of their numbers', async () => {
    for (const scope of [['--all'], ['--callers'], ['--actor', 'signer']]) await freeze(...scope);
    const requested = await run(['thaw', 'request', '--all', '--reason', 'over', ...AS_ONCALL]);
    const [words = []] = commandsIn(requested.stdout);
    const confirmed = await run(words.map((word) => (word === 'NAME' ? 'security' : word)));

    expect(requested.stdout).toMatch(/^thaw requested {2}freezes \d, \d and \d\nby {14}oncall\n/);
    expect(words.slice(0, 5).sort()).toEqual(['1', '2', '3', 'confirm', 'thaw']);
    expect(confirmed).toMatchObject({ code: 0, stderr: '' });
    expect(confirmed.stdout).toMatch(/^thawed {4}freezes \d, \d and \d\nat {8}\S+Z\nin force {2}no freeze\n$/);
  });

  test('goes on after a freeze that was thawed already, names it, and ends with 5', async () => {
    for (const scope of [['--all'], ['--callers'], ['--actor', 'signer']]) await freeze(...scope);
    await run(['thaw', 'request', '--all', '--reason', 'over', ...AS_ONCALL]);
    await confirm(AS_SECURITY, '2');

    const { code, stdout, stderr } = await run(['thaw', 'confirm', '1', '2', '3', '2', ...AS_SECURITY]);

    expect(stdout).toMatch(/^thawed {4}freezes 1 and 3\n[^]*in force {2}no freeze\n$/);
    expect(stderr).toMatch(/^share-vault thaw: freeze 2: expected a freeze in force, got one that security thawed at /);
    expect(code).toBe(5);
  });

  test('ends at a number of no freeze, after what it did for the ones before', async () => {
    await freeze('--all');
    await request();

    const { code, stdout } = await run(['thaw', 'confirm', '1', '99', ...AS_SECURITY]);

    expect(stdout).toMatch(/^thawed {4}freeze 1\n/);
    expect(code).toBe(3);
  });

  test('of all leaves out a restored database that lacks tombstones, and refuses if nothing else is frozen', async () => {
    await freeze('--all');
    lackTombstones();

    const { code, stderr } = await run(['thaw', 'request', '--all', '--reason', 'over', ...AS_ONCALL]);

    expect(stderr).toContain('expected a freeze in force that can be thawed, got none');
    expect(code).toBe(5);
  });

  test('prints the responses of several as a list with --json', async () => {
    for (const scope of [['--all'], ['--callers']]) await freeze(...scope);
    const { stdout } = await run(['thaw', 'request', '1', '2', '--reason', 'over', '--json', ...AS_ONCALL]);

    expect(JSON.parse(stdout)).toMatchObject([
      { freezeId: 1, confirmUntil: expect.any(String) },
      { freezeId: 2, confirmUntil: expect.any(String) },
    ]);
  });

  test('names the freezes that remain', async () => {
    await freeze('--all');
    await freeze('--actor', 'signer');
    await request();

    const { stdout } = await confirm();

    expect(stdout).toContain('in force  1 freeze\n');
    expect(commandsIn(stdout)).toEqual([['freezes', '--thaw', ...AS_SECURITY]]);
  });

  test.each([
    ['without a request', async () => undefined, AS_SECURITY, 'expected a request to thaw, got none: share-vault thaw request makes one'], // prettier-ignore
    ['by the actor that requested it', request, AS_ONCALL, 'expected another actor than oncall, who requested the thaw, got the same: a thaw takes two people'], // prettier-ignore
    ['16 minutes later', async () => { await request(); requestedAt(-16); }, AS_SECURITY, 'expected a request to thaw of the last 15 minutes, got one until '], // prettier-ignore
    ['a second time', async () => { await request(); await confirm(); }, AS_SECURITY, 'expected a freeze in force, got one that security thawed at '], // prettier-ignore
  ] as const)('refuses a confirmation %s, and says why', async (_when, before, as, message) => {
    await freeze('--all');
    await before();

    const { code, stderr, stdout } = await confirm(as);

    expect([code, stdout]).toEqual([5, '']);
    expect(stderr).toContain(`share-vault thaw: ${message}`);
  });

  test('refuses to confirm the thaw of a restored database before its tombstones were replayed', async () => {
    await freeze('--all');
    lackTombstones();
    await request();

    const { code, stderr } = await confirm();

    expect(code).toBe(5);
    expect(stderr).toBe(
      'share-vault thaw: expected tombstones that were replayed, got a restored database that lacks those from 2026-11-01T00:00:00.000Z on: share-vault tombstones replay\n',
    );
  });

  test('says to confirm again if the thaw was requested again since the refusal', async () => {
    await freeze('--all');
    await request();
    requestedAt(-16);
    vault.freezes.onList = () => requestedAt(0);

    const { code, stderr } = await confirm();

    expect(code).toBe(5);
    expect(stderr).toContain(': confirm it, since it is newer than the refusal\n');
  });

  test('refuses the placeholder of a pasted command as the reason', async () => {
    await freeze('--all');

    const { code, stderr } = await run(['thaw', 'request', '1', '--reason', 'TEXT', ...AS_ONCALL]);

    expect([code, stderr]).toEqual([2, 'share-vault thaw: --reason: expected your reason, got the placeholder TEXT\n']);
  });

  test.each([
    ['request', () => request('9')],
    ['confirm', () => confirm(AS_SECURITY, '9')],
  ])('%s ends with 3 for the number of no freeze', async (_step, step) => {
    const { code, stderr } = await step();

    expect(code).toBe(3);
    expect(stderr).toContain('got NotFound: share-vault freezes lists the freezes by their numbers');
  });

  test('ends with 6 for an actor that has no alias of the function', async () => {
    vault.troubles.push({ reply: { status: 403, errorType: 'AccessDeniedException', body: '{}' } });

    const { code, stderr } = await confirm();

    expect(code).toBe(6);
    expect(stderr).toContain('expected to be allowed to invoke function share-vault-dev-thaw as actor security');
  });

  test.each([
    [['7'], 'expected request NUMBER or confirm NUMBER, got something else'],
    [['request'], 'expected the number of a freeze, got none'],
    [['confirm', 'seven'], 'expected the number of a freeze, got something else'],
    [['confirm', '0'], 'expected the number of a freeze, got something else'],
    [['confirm', '--all'], '--all: expected request with it, got confirm: it takes the numbers that you know of'],
    [['request', '1', '--all', '--reason', 'r'], 'expected --all or numbers, got both'],
    [['confirm'], 'expected the number of a freeze, got none'],
    [['confirm', '1', '2x'], 'expected the number of a freeze, got something else'],
    [['request', '7'], 'expected --reason, got none'],
    [['confirm', '7', '--reason', 'r'], '--reason: expected request with it, got confirm'],
  ])('refuses %j before anything is sent', async (args, message) => {
    const { code, stderr } = await run(['thaw', ...args, ...AS_ONCALL]);

    expect([code, stderr]).toEqual([2, `share-vault thaw: ${message}\n`]);
    expect(vault.calls).toEqual([]);
  });
});

test.each([['thaw', 'confirm', '1'], ['freezes']])(
  'share-vault %s names --as to a caller who gives --actor',
  async (...args) => {
    const { code, stderr } = await run([...args, ...VAULT, '--actor', 'security']);

    expect([code, stderr]).toEqual([2, `share-vault ${args[0]}: expected an option of share-vault ${args[0]} --help, got --actor: did you mean --as\n`]); // prettier-ignore
  },
);

describe('share-vault freezes', () => {
  test('lists those in force, with the command that goes on', async () => {
    await freeze('--actor', 'signer');
    await freeze('--all');
    await request('2');

    const { code, stdout } = await run(['freezes', ...AS_ONCALL]);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^freeze {10}2\neffect {10}no record is opened, and none is resealed\nsince {11}\S+ by oncall\nreason {10}ticket 4711\nthaw requested {2}\S+ by oncall\nanother actor confirms the thaw until \S+:\n/); // prettier-ignore
    expect(commandsIn(stdout)).toEqual([
      ['thaw', 'confirm', '2', ...VAULT, '--as', 'NAME'],
      ['thaw', 'request', '1', '--reason', 'TEXT', ...VAULT, '--as', 'NAME'],
    ]);
    expect(stdout).toMatch(/\n2 freezes in force\n$/);
  });

  test('leaves out those that were thawed, unless --past is given', async () => {
    await freeze('--all');
    await request();
    await confirm();

    const [present, past] = [await run(['freezes', ...AS_ONCALL]), await run(['freezes', '--past', ...AS_ONCALL])];

    expect(present.stdout).toBe('0 freezes in force\n');
    expect(past.stdout).toMatch(/thawed {10}\S+ by security\n/);
    expect(commandsIn(past.stdout)).toEqual([]);
  });

  test('is also freeze list, and asks the function thaw with --thaw', async () => {
    await run(['freeze', 'list', ...AS_ONCALL]);
    await run(['freezes', '--thaw', '--json', ...AS_SECURITY]);

    expect(vault.calls).toMatchObject([
      { functionName: 'share-vault-dev-freeze', qualifier: 'oncall' },
      { functionName: 'share-vault-dev-thaw', qualifier: 'security' },
    ]);
  });

  test('names the tombstones that a restored database lacks, in place of a thaw', async () => {
    await freeze('--all');
    lackTombstones();

    const { stdout } = await run(['freezes', ...AS_ONCALL]);

    expect(stdout).toContain('tombstones missing  since 2026-11-01T00:00:00.000Z\n');
    expect(stdout).toContain(
      'a restored database: replay the tombstones first, share-vault tombstones replay --help\n',
    );
    expect(commandsIn(stdout)).toEqual([]);
  });

  test('refuses freeze list with what would freeze', async () => {
    const { code, stderr } = await run(['freeze', 'list', '--all', '--reason', 'r', ...AS_ONCALL]);

    expect([code, stderr]).toEqual([2, 'share-vault freeze: --all: expected freeze without list, got freeze list\n']);
    expect(vault.calls).toEqual([]);
  });

  test('shows no hidden character of a reason', async () => {
    await run(['freeze', '--all', '--reason', 'r', ...AS_ONCALL]);
    const [fact] = vault.freezes.facts;
    if (fact !== undefined) vault.freezes.facts[0] = { ...fact, reason: 'a\u202eb\nc' };

    const { stdout } = await run(['freezes', ...AS_ONCALL]);

    expect(stdout).toContain('reason  a�b�c\n');
  });
});
