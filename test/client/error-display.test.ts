import { describe, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ShareVaultError } from '../../client/index';
import { ROOT } from '../support/pack';

const FIRST_LINE = 'ShareVaultError [NotFound]: expected a record, got none';

/** Returns the class of another copy of the package, minified. */
function anotherCopy(): typeof ShareVaultError {
  const folder = mkdtempSync(join(tmpdir(), 'share-vault-errors-'));
  try {
    const outfile = join(folder, 'errors.cjs');
    const entryPoints = [join(ROOT, 'client', 'errors.ts')];
    buildSync({ entryPoints, outfile, bundle: true, minify: true, format: 'cjs', platform: 'node', target: 'node22' });
    return (createRequire(__filename)(outfile) as { readonly ShareVaultError: typeof ShareVaultError }).ShareVaultError;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const OtherError = anotherCopy();

describe.each([
  ['as it is', ShareVaultError],
  ['minified', OtherError],
])('a ShareVaultError, %s,', (_how, Class) => {
  const error = new Class('NotFound', 'expected a record, got none', { requestId: 'request-1' });

  test('is printed with its name and its code first', () => {
    expect(inspect(error).split('\n')[0]).toBe(FIRST_LINE);
    expect(error.stack?.split('\n')[0]).toBe(FIRST_LINE);
    expect(String(error)).toBe(FIRST_LINE);
    expect(inspect(error)).toContain("code: 'NotFound'");
  });

  test('has a stack that begins where it was thrown', () => {
    expect(error.stack?.split('\n')[1]).toContain('error-display.test');
  });

  test('has its name, its message and its three facts, and lists no other member', () => {
    expect([error.name, error.message]).toEqual(['ShareVaultError', 'expected a record, got none']);
    expect(Object.keys(error)).toEqual(['code', 'retryable', 'requestId']);
  });
});

describe('instanceof ShareVaultError', () => {
  test('knows the errors of another copy of the package', () => {
    expect(new OtherError('NotFound', 'm')).toBeInstanceOf(ShareVaultError);
    expect(new ShareVaultError('NotFound', 'm')).toBeInstanceOf(OtherError);
  });

  test('does not know other errors and values', () => {
    const others: unknown[] = [new Error('m'), { name: 'ShareVaultError' }, null, undefined, 'ShareVaultError'];

    expect(others.filter((other) => other instanceof ShareVaultError)).toEqual([]);
  });

  test('keeps a class that extends it apart', () => {
    class Extended extends ShareVaultError {}

    expect(new ShareVaultError('NotFound', 'm')).not.toBeInstanceOf(Extended);
    expect(new Extended('NotFound', 'm')).toBeInstanceOf(Extended);
  });
});
