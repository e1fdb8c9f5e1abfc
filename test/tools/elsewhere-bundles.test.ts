import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BundleReport, ELSEWHERE_HANDLERS, HANDLERS, build } from '../../tools/build/bundle';

/** Rooms with code for keys and stores elsewhere. */
const ELSEWHERE = /^lambda\/(remote|keys\/elsewhere|store\/bodies)\/|-elsewhere\.ts$/;
/** The functions that bring tombstones or receipts into a bucket, and their requests to it. */
const KEEPERS: readonly string[] = ['revoke', 'receive', 'migrate', 'reseal'];
const BUCKET = ['aws', 'failure', 'request', 'retry', 's3', 'version-page'].map((name) => `lambda/remote/${name}.ts`);
const MOST_BYTES_LARGER = 60 * 1_024;

let dir: string;
let reports: ReadonlyMap<string, BundleReport>;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'share-vault-elsewhere-'));
  reports = new Map((await build({ outdir: dir })).map((report) => [report.name, report]));
});
afterAll(() => {
  rmSync(dir, { recursive: true });
});

function reportOf(name: string): BundleReport {
  const report = reports.get(name);
  if (report === undefined) throw new Error(`expected a bundle ${name}, got none`);
  return report;
}
const elsewhereOf = (name: string) => reportOf(name).inputs.filter((path) => ELSEWHERE.test(path));

describe('the bundle for vaults that use AWS only', () => {
  test.each(HANDLERS)('of %s has no code for keys and stores elsewhere', (name) => {
    const own = KEEPERS.includes(name) ? BUCKET : [];

    expect(elsewhereOf(name).filter((path) => !own.includes(path))).toEqual([]);
  });

  test.each(['seal', 'unseal', 'restore-check'] as const)('of %s has no request to a bucket either', (name) => {
    expect(reportOf(name).inputs.filter((path) => BUCKET.includes(path))).toEqual([]);
  });
});

describe('the bundle for vaults with keys or stores elsewhere', () => {
  test.each(ELSEWHERE_HANDLERS)('of %s is at most 60 KB larger', (name) => {
    expect(reportOf(`elsewhere/${name}`).bytes - reportOf(name).bytes).toBeLessThanOrEqual(MOST_BYTES_LARGER);
  });

  test.each(['seal', 'unseal', 'receive', 'reseal'] as const)('of %s has every key', (name) => {
    expect(elsewhereOf(`elsewhere/${name}`)).toEqual(
      expect.arrayContaining(
        ['azure-key-vault', 'azure-managed-hsm', 'google-cloud-kms', 'multi-key', 'vault-transit'].map(
          (key) => `lambda/keys/elsewhere/${key}.ts`,
        ),
      ),
    );
  });

  test.each(['migrate', 'revoke'] as const)('of %s has no key: it opens nothing', (name) => {
    expect(elsewhereOf(`elsewhere/${name}`).filter((path) => path.startsWith('lambda/keys/'))).toEqual([]);
  });
});
