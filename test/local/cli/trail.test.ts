import { afterEach, describe, expect, test } from '@jest/globals';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { Trail, type TrailEntry, trailFile } from '../../../local/emulator/deploy';
import { folder, killAll, run } from './run';

afterEach(killAll);

const OPENED: TrailEntry = {
  at: '2026-11-21T04:05:06.007Z',
  principal: 'arn:aws:sts::111122223333:assumed-role/Unseal/share-vault-dev-unseal',
  action: 'kms:Decrypt',
  resource: 'arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000001',
  encryptionContext: { environment: 'dev', field: 'delegated_share' },
  result: 'ok',
  requestId: '00000000-0000-0000-0000-000000000002',
};
const REFUSED: TrailEntry = { ...OPENED, result: 'AccessDeniedException', encryptionContext: undefined };

/** Creates a data folder with these calls in its trail. */
function dataFolder(...entries: readonly TrailEntry[]): string {
  const data = folder();
  const trail = new Trail(trailFile(data));
  for (const entry of entries) trail.add(entry);
  trail.close();
  return data;
}

describe('trail', () => {
  test('trail prints one line per call: time, result, principal, action, key, encryption context', async () => {
    const { printed, ended } = run(['trail', '--data', dataFolder(OPENED, REFUSED)]);

    expect(await ended).toBe(0);
    expect(printed().split('\n')).toEqual([
      '2026-11-21T04:05:06.007Z ok                    assumed-role/Unseal/share-vault-dev-unseal kms:Decrypt key/00000000-0000-0000-0000-000000000001 {environment=dev, field=delegated_share}', // prettier-ignore
      '2026-11-21T04:05:06.007Z AccessDeniedException assumed-role/Unseal/share-vault-dev-unseal kms:Decrypt key/00000000-0000-0000-0000-000000000001 {}', // prettier-ignore
      '',
    ]);
  });

  test('trail prints the reason of a refusal below the call', async () => {
    const { printed, ended } = run([
      'trail',
      '--data',
      dataFolder({ ...REFUSED, message: 'User: x is not\nauthorized' }),
    ]);

    expect(await ended).toBe(0);
    expect(printed().split('\n').slice(1)).toEqual(['    User: x is not\\u000aauthorized', '']);
  });

  test('trail --json prints the stored lines', async () => {
    const { printed, ended } = run(['trail', '--json', '--data', dataFolder(OPENED)]);

    expect(await ended).toBe(0);
    expect(JSON.parse(printed())).toEqual(OPENED);
  });

  test('trail quotes values of a caller, so that none looks like another line or pair', async () => {
    const forged = { ...OPENED, encryptionContext: { 'a\nb': 'x, environment=prod' }, resource: 'a\u001b[2Jb' };

    const { printed, ended } = run(['trail', '--data', dataFolder(forged)]);

    expect(await ended).toBe(0);
    expect(printed().split('\n')).toHaveLength(2);
    expect(printed()).toContain('{"a\\nb"="x, environment=prod"}');
    expect(printed()).not.toContain('\u001b');
  });

  test('trail resolves --data against the folder in which npm was called', async () => {
    const { printed, ended } = run(['trail', '--data', '.'], { env: { INIT_CWD: dataFolder(OPENED) } });

    expect(await ended).toBe(0);
    expect(printed()).toContain('kms:Decrypt');
  });

  test('trail omits a line that a crash truncated', async () => {
    const data = dataFolder(OPENED);
    appendFileSync(trailFile(data), '{"at":"2026-11-21T04:05:06.007Z","princ\n');

    const { printed, ended } = run(['trail', '--json', '--data', data]);

    expect(await ended).toBe(0);
    expect(printed().trim().split('\n')).toHaveLength(1);
  });

  test('trail --follow prints appended lines, written whole or in parts, and exits 0 at Ctrl-C', async () => {
    const data = dataFolder(OPENED);
    const { child, printed, shows, ended } = run(['trail', '--follow', '--data', data]);
    await shows('kms:Decrypt');
    const line = JSON.stringify({ ...OPENED, action: 'kms:GenerateDataKey' });

    appendFileSync(trailFile(data), line.slice(0, 40));
    appendFileSync(trailFile(data), `${line.slice(40)}\n`);
    await shows('kms:GenerateDataKey');
    child.kill('SIGINT');

    expect(await ended).toBe(0);
    expect(printed().trim().split('\n')).toHaveLength(2);
  });

  test('trail --follow exits 0 when the reader of its output is gone', async () => {
    const data = dataFolder(OPENED);
    const { child, shows, ended } = run(['trail', '--follow', '--data', data]);
    await shows('kms:Decrypt');
    child.stdout?.destroy();

    appendFileSync(trailFile(data), `${JSON.stringify(OPENED)}\n`);

    expect(await ended).toBe(0);
  });

  test.each([
    ['no folder', ['trail'], 2],
    ['an unknown option', ['trail', '--dta', 'x'], 2],
    ['an argument', ['trail', 'x', '--data', 'x'], 2],
    ['a folder without a trail', ['trail', '--data', join('no', 'such', 'folder')], 1],
  ] as const)('trail exits with a message: %s', async (_case, args, code) => {
    const { printed, output, ended } = run(args);

    expect(await ended).toBe(code);
    expect(printed()).toBe('');
    expect(output()).toMatch(/expected|Unknown option/);
  });
});
