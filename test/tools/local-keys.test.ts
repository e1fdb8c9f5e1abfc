import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recoveryKeysDigest } from '../../lambda/contract/recovery';
import { localKeyProps } from '../../tools/build/local-keys';

test('a local vault states its list of recovery keys, so that its data folder can have had another list', () => {
  const folder = mkdtempSync(join(tmpdir(), 'local-keys-'));
  const file = join(folder, 'new', 'recovery.pem');
  try {
    const [first, again, none] = ([['recovery'], ['google', 'recovery'], ['google']] as const).map((keys) =>
      localKeyProps(keys, file),
    );

    expect([first?.recoveryKeys?.length, none?.recoveryKeys?.length]).toEqual([1, 0]);
    expect(none?.recoveryKeysChange).toBe(recoveryKeysDigest([]));
    expect(first?.recoveryKeysChange).not.toBe(none?.recoveryKeysChange);
    expect(again?.recoveryKeysChange).toBe(first?.recoveryKeysChange);
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
