import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import { ENV } from '../../../lambda/contract/variables';
import { vault } from '../support/use-fake-vault';
import { run } from './support/account';
import { AS_SIGNER } from './support/data-vault';
import { createKey, groupOf, kms, machine, runTo, useRotationAccount } from './support/rotation-account';

// a run is looked at every two seconds
jest.mock('../../../client/commands/watch', () => ({ WATCH_PAUSE_MS: 1 }));
useRotationAccount();

let shareKey: string;
let formerKey: string;
let material: string;
beforeEach(async () => {
  [shareKey, formerKey] = [await createKey(), await createKey()];
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: shareKey }));
  material = KeyMetadata?.CurrentKeyMaterialId ?? '';
  vault.variables.set('share-vault-dev-seal', { [ENV.shareKeyArn]: shareKey });
  vault.variables.set('share-vault-dev-unseal', { [ENV.openingKeyArns]: JSON.stringify([formerKey]) });
  vault.variables.set('share-vault-dev-revoke', { [ENV.backupDays]: '35' });
});

const census = (...args: string[]) => run(['keys', 'census', ...args, ...AS_SIGNER]);
const stateOf = async (KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;

describe('share-vault keys census', () => {
  test('shows the records by key and material, in 80 columns, and what is on the current material', async () => {
    vault.functions.groups = [groupOf(shareKey, 997, material), groupOf(shareKey, 2), groupOf(formerKey, 1, '0a'.repeat(32))]; // prettier-ignore

    const { code, stdout } = await census();

    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      shareKey,
      '  kind               material      records  superseded  oldest',
      `  delegated-share    ${material.slice(0, 8)}…         997           1  2026-01-02  current`,
      '  delegated-share    unknown             2           1  2026-01-02',
      '',
      formerKey,
      '  kind               material      records  superseded  oldest',
      '  delegated-share    0a0a0a0a…           1           1  2026-01-02',
      '',
      '99.7 % on the current material: 997 of 1000 records, by AWS',
      'the oldest of the others was made on 2026-01-02T03:04:05.000Z',
      '',
    ]);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('never shows 100 % while a record is left', async () => {
    vault.functions.groups = [groupOf(shareKey, 1_000_000, material), groupOf(formerKey, 1)];

    expect((await census()).stdout).toContain('99.9 % on the current material: 1000000 of 1000001 records');
  });

  test('ends with 1 under --require-current unless all records are on the current material', async () => {
    vault.functions.groups = [groupOf(shareKey, 1, material)];
    const all = await census('--require-current');
    vault.functions.groups = [groupOf(shareKey, 1, material), groupOf(shareKey, 1, '0a'.repeat(32))];
    const some = await census('--require-current');

    expect([all.code, some.code]).toEqual([0, 1]);
  });

  test('compares with the target of the last reseal if AWS does not say the share key, and says so', async () => {
    vault.variables.clear();
    vault.functions.groups = [groupOf(formerKey, 3)];
    vault.functions.reseals = [runTo(formerKey)];

    const { code, stdout, stderr } = await census();

    expect(code).toBe(0);
    expect(stdout).toContain('100 % on the current material: 3 of 3 records, by the last reseal');
    expect(stderr).toMatch(/lambda:GetFunctionConfiguration\), got AccessDenied.*: compared with the target/);
  });

  test('ends with 1 under --require-current if AWS does not say the share key: a rotation may be missing', async () => {
    vault.variables.clear();
    vault.functions.groups = [groupOf(formerKey, 3)];
    vault.functions.reseals = [runTo(formerKey)];

    expect((await census('--require-current')).code).toBe(1);
  });

  test('accepts the target of the last reseal under --require-current if the share key is outside AWS', async () => {
    const external = 'google:projects/p/locations/l/keyRings/r/cryptoKeys/k';
    vault.variables.set('share-vault-dev-seal', {});
    vault.functions.groups = [groupOf(external, 3)];
    vault.functions.reseals = [runTo(external)];

    expect((await census('--require-current')).code).toBe(0);
  });

  test('names the permission on the storage key without which Lambda hides the variables', async () => {
    vault.hidesVariables = true;
    vault.functions.groups = [groupOf(formerKey, 3)];
    vault.functions.reseals = [runTo(formerKey)];

    const { stderr } = await census();
    const { code } = await run(['keys', 'retire', formerKey, '--yes', ...AS_SIGNER]);

    expect(stderr).toContain('got none: they need kms:Decrypt with the storage key of the vault');
    expect([code, await stateOf(formerKey)]).toEqual([6, 'Enabled']);
  });

  test('says that nothing is known of the current material, and does not count that as current', async () => {
    vault.variables.clear();
    vault.functions.groups = [groupOf(formerKey, 3)];

    const { code, stdout } = await census('--require-current');

    expect(code).toBe(1);
    expect(stdout).toContain('The current material is unknown: no reseal has run, and AWS named none.');
  });

  test('prints the same facts as JSON', async () => {
    vault.functions.groups = [groupOf(shareKey, 3, material), groupOf(formerKey, 1)];

    expect(JSON.parse((await census('--json')).stdout)).toMatchObject({
      groups: [{ current: true }, { current: false }],
      target: { keyId: shareKey, keyMaterialId: material, source: 'AWS' },
      records: 4,
      current: 3,
      percent: 75,
    });
  });
});

describe('share-vault keys census --verify', () => {
  /** Lets a run end with such a sample, or without a receipt. */
  const ending = (sample: { opened: number; mismatched: number; failed: number } | undefined) => {
    machine.onStart = (execution) => {
      execution.status = sample === undefined || sample.mismatched + sample.failed > 0 ? 'FAILED' : 'SUCCEEDED';
      const receipt = sample && { receiptAt: new Date().toISOString(), recordKeyIds: [], sample };
      vault.functions.reseals = [runTo(shareKey, { run: execution.name, ...receipt })];
    };
  };

  test('starts a run that is named for it, and prints the counts of its receipt', async () => {
    vault.functions.groups = [groupOf(shareKey, 900, material), groupOf(formerKey, 100)];
    ending({ opened: 25, mismatched: 0, failed: 0 });
    const { code, stdout } = await census('--verify', '25');

    expect(code).toBe(0);
    expect(stdout).toMatch(/^run +verify-25-\d{14}-[0-9a-f]{8}\nverified +25\nmismatched +0\nfailed +0\n$/);
    expect(machine.executions).toHaveLength(1);
  });

  test('ends with 1 and lists each record that is not as its row says', async () => {
    ending({ opened: 1, mismatched: 1, failed: 0 });
    const recordId = '01234567-89ab-4cde-8f01-23456789abcd';
    const failure = {
      recordId,
      kind: 'delegated-share',
      walletId: 'w-1',
      chain: 'EVM',
      code: 'MaterialMismatch',
    } as const;
    vault.functions.resealFailures = [{ ...failure, at: '2026-01-02T03:04:05.000Z' }];
    const { code, stdout } = await census('--verify', '2');
    const json = await census('--verify', '2', '--json');

    expect([code, json.code]).toEqual([1, 1]);
    expect(stdout).toContain(
      `mismatched  1\nfailed      0\nMaterialMismatch  delegated-share  EVM  ${recordId}  w-1\n`,
    );
    expect(JSON.parse(json.stdout)).toMatchObject({ opened: 1, mismatched: 1, failed: 0, failures: [failure] });
  });

  test.each([
    ['the vault has more', 25, 25],
    ['the vault has no more than some', 7, 7],
  ])('ends with 1 if a run opened fewer than asked for, and %s', async (_, records, required) => {
    vault.functions.groups = [groupOf(shareKey, records - 5, material), groupOf(formerKey, 5)];
    ending({ opened: required - 1, mismatched: 0, failed: 0 });
    const some = await census('--verify', '25');
    ending({ opened: 0, mismatched: 0, failed: 0 });
    const none = await census('--verify', '25', '--json');

    expect([some.code, none.code]).toEqual([1, 1]);
    expect(some.stderr).toContain(`expected to open ${required} records, got ${required - 1}: `);
    expect(none.stderr).toContain(`expected to open ${required} records, got 0: `);
  });

  test.each([
    ['destroyed', 9, 7],
    ['sealed', 7, 9],
  ])('does not require records of keys that are not listed, nor what is %s meanwhile', async (_, before, after) => {
    vault.functions.groups = [groupOf(shareKey, before, material), groupOf(formerKey, 3)];
    machine.onStart = (execution) => {
      execution.status = 'FAILED';
      vault.functions.groups = [groupOf(shareKey, after, material), groupOf(formerKey, 3)];
      const receipt = { receiptAt: new Date().toISOString(), sample: { opened: 7, mismatched: 0, failed: 0 } };
      vault.functions.reseals = [runTo(shareKey, { run: execution.name, failed: 3, ...receipt })];
    };

    const { code, stderr } = await census('--verify', '10');

    expect(stderr).not.toContain('expected to open');
    // the records that no listed key opens
    expect(code).toBe(1);
  });

  test('ends with 1 if the run listed a record that the sample of its receipt has not, as after an interruption', async () => {
    ending({ opened: 2, mismatched: 0, failed: 0 });
    const recordId = '01234567-89ab-4cde-8f01-23456789abcd';
    const record = { recordId, kind: 'delegated-share', walletId: 'w-1', chain: 'EVM', code: 'MaterialMismatch' } as const; // prettier-ignore
    vault.functions.resealFailures = [{ ...record, at: '2026-01-02T03:04:05.000Z' }];

    expect(await census('--verify', '2')).toMatchObject({ code: 1, stdout: expect.stringContaining(recordId) });
  });

  test('ends with 1 if the run wrote no receipt: it verified nothing', async () => {
    ending(undefined);
    const { code, stderr } = await census('--verify', '2');

    expect(code).toBe(1);
    expect(stderr).toContain('expected a receipt of verify-2-');
  });

  test.each([
    [['--verify', '0'], '--verify: expected 1 to 2000, got another number'],
    [['--verify', '2001'], '--verify: expected 1 to 2000, got another number'],
    [['--verify', 'all'], '--verify: expected a whole number, got something else'],
    [['--verify', '5', '--require-current'], '--verify: expected no --require-current with it'],
  ])('refuses %j, and starts nothing', async (args, message) => {
    const { code, stderr } = await census(...args);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(machine.executions).toEqual([]);
  });
});

describe('share-vault keys', () => {
  test.each([
    ['no action', ['keys'], 'expected census, or retire and a key'],
    ['a retirement without a key', ['keys', 'retire'], 'expected census, or retire and a key'],
    [
      'backups without a deletion',
      ['keys', 'retire', 'K', '--despite-backups'],
      '--despite-backups: expected --delete with it',
    ],
    ['an option of the other action', ['keys', 'census', '--delete'], '--delete: expected keys retire with it'],
  ])('ends with 2 for %s', async (_what, args, message) => {
    const { code, stderr } = await run([...args, ...AS_SIGNER]);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
