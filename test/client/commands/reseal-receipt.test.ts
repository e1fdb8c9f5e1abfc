import { beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ResealReceiptFact } from '../../../lambda/contract/reseal-runs';
import { vault } from '../support/use-fake-vault';
import { run } from './support/account';
import { AS_SIGNER, file, folder, useDataVault } from './support/data-vault';
import { runTo } from './support/rotation-account';

useDataVault();

const TEXT = '{"changed":0,"endedAt":"2026-11-30T12:00:00.123Z","environment":"dev"}';
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');
const STORED: ResealReceiptFact = {
  ...{ run: 'run-1', writtenAt: '2026-11-30T12:00:01.000Z', endedAt: '2026-11-30T12:00:00.123Z' },
  ...{ receipt: TEXT, sha256: digestOf(TEXT), keptAt: '2026-11-30T12:00:02.000Z' },
};
const OBJECT = `receipts/20261130T120000123Z-${digestOf(TEXT)}.json`;
const receipt = (...args: string[]) => run(['reseal', 'receipt', 'run-1', ...args, ...AS_SIGNER]);
const compared = (contents: Uint8Array | string) => receipt('--file', file('object', contents));

beforeEach(() => {
  vault.functions.receipts = [STORED];
});

describe('share-vault reseal receipt', () => {
  test("prints the receipt of the table, its digest and its object's key", async () => {
    const { code, stdout } = await receipt();

    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'run            run-1',
      'written        2026-11-30T12:00:01.000Z',
      `sha256         ${digestOf(TEXT)}`,
      `object         ${OBJECT}`,
      'in the bucket  2026-11-30T12:00:02.000Z',
      TEXT,
      '',
    ]);
  });

  test('prints the receipt of the last run that has one, if none is named', async () => {
    const [last, former] = ['run-2', 'run-1'].map((name) => runTo('key', { run: name }));
    vault.functions.reseals = [last, former && { ...former, receiptAt: STORED.writtenAt }].filter(
      (each) => each !== undefined,
    );

    expect(await run(['reseal', 'receipt', ...AS_SIGNER])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^run +run-1$/m) }); // prettier-ignore
    vault.functions.reseals = [];
    expect(await run(['reseal', 'receipt', ...AS_SIGNER])).toMatchObject({ code: 3, stdout: '' });
  });

  test('says that the bucket is not known to have it', async () => {
    const { keptAt: _, ...pending } = STORED;
    vault.functions.receipts = [pending];

    expect((await receipt()).stdout).toContain('in the bucket  not noted\n');
  });

  test('ends with 0 for a file of the same bytes', async () => {
    const { code, stdout } = await compared(TEXT);

    expect(code).toBe(0);
    expect(stdout).toContain('file           the same bytes\n');
  });

  test.each([
    ['other bytes', TEXT.replace('0', '1')],
    ['a byte more', `${TEXT}\n`],
    ['none', ''],
    ['more bytes than a receipt may have', TEXT.padEnd(70_000)],
  ])('ends with 1 for a file of %s', async (_what, contents) => {
    const { code, stdout, stderr } = await compared(contents);

    expect(code).toBe(1);
    expect(stdout).toContain('file           other bytes\n');
    expect(stderr).toBe('--file: expected the receipt of the table, got other bytes\n');
  });

  test('ends with 1 if the table has another digest than its receipt', async () => {
    vault.functions.receipts = [{ ...STORED, sha256: digestOf('another') }];

    const { code, stderr } = await receipt();

    expect(code).toBe(1);
    expect(stderr).toBe('expected the digest of the receipt in the table, got another\n');
  });

  test('prints JSON with the text of the receipt', async () => {
    const { code, stdout } = await receipt('--json', '--file', file('object', '{}'));

    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ ...STORED, object: OBJECT, isWhole: true, isSame: false });
  });

  test('ends with 3 for a run without a receipt, and with 1 for a file that can’t be read', async () => {
    vault.functions.receipts = [];
    expect((await receipt()).code).toBe(3);

    const { code, stderr } = await receipt('--file', join(folder, 'missing'));
    expect(code).toBe(1);
    expect(stderr).toContain('--file: expected a file that can be read, got ENOENT');
  });
});
