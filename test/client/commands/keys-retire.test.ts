import { beforeEach, describe, expect, test } from '@jest/globals';
import { DescribeKeyCommand, DisableKeyCommand } from '@aws-sdk/client-kms';
import { ENV } from '../../../lambda/contract/variables';
import { vault } from '../support/use-fake-vault';
import { run, runAtTerminal } from './support/account';
import { AS_SIGNER } from './support/data-vault';
import { createKey, groupOf, kms, useRotationAccount } from './support/rotation-account';

useRotationAccount();

let shareKey: string;
let formerKey: string;
beforeEach(async () => {
  [shareKey, formerKey] = [await createKey(), await createKey()];
  vault.variables.set('share-vault-dev-seal', { [ENV.shareKeyArn]: shareKey });
  vault.variables.set('share-vault-dev-unseal', { [ENV.openingKeyArns]: JSON.stringify([formerKey]) });
  vault.variables.set('share-vault-dev-revoke', { [ENV.backupDays]: '35' });
});

const retire = (key: string, ...args: string[]) => run(['keys', 'retire', key, '--former', ...args, ...AS_SIGNER]);
/** Lets the vault know of the former key since when no record has been under it. */
const freeSince = (at: string | undefined) => {
  vault.functions.keys = [{ keyId: formerKey, wasShareKey: true, ...(at !== undefined && { freeSince: at }) }];
};
const stateOf = async (KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;

describe('share-vault keys retire', () => {
  test('disables a former share key that no record needs, and says until when backups do', async () => {
    freeSince('2026-11-01T00:00:00.000Z');

    const { code, stdout } = await retire(formerKey, '--yes');

    expect(code).toBe(0);
    expect(stdout).toContain('backups need it until  2026-12-06T00:00:00.000Z');
    expect(await stateOf(formerKey)).toBe('Disabled');
  });

  test('asks at a terminal, and changes nothing for another answer', async () => {
    const asking = ['keys', 'retire', formerKey, '--former', ...AS_SIGNER];
    const other = await runAtTerminal(asking, 'no\r');
    expect(other.code).toBe(1);
    expect(await stateOf(formerKey)).toBe('Enabled');

    expect((await runAtTerminal(asking, 'yes\r')).code).toBe(0);
    expect(await stateOf(formerKey)).toBe('Disabled');
  });

  test('refuses the share key that the vault seals with', async () => {
    const { code, stderr } = await retire(shareKey, '--yes');

    expect(code).toBe(5);
    expect(stderr).toContain('got the one that the vault seals with');
    expect(await stateOf(shareKey)).toBe('Enabled');
  });

  test('refuses a key that a record needs, and says how many', async () => {
    vault.functions.groups = [groupOf(formerKey, 12)];

    const { code, stderr } = await retire(formerKey, '--yes');

    expect(code).toBe(5);
    expect(stderr).toContain('expected no record under the key, got 12: share-vault reseal start');
    expect(await stateOf(formerKey)).toBe('Enabled');
  });

  test('refuses a key that was no share key of this vault', async () => {
    const other = await createKey();

    const { code, stderr } = await retire(other, '--yes');

    expect(code).toBe(5);
    expect(stderr).toContain('expected a former share key of this vault, got another key');
    expect(await stateOf(other)).toBe('Enabled');
  });

  test('refuses a key that never was the share key, which may be the next one, unless that is said', async () => {
    vault.functions.keys = [{ keyId: formerKey, wasShareKey: false }];

    const { code, stderr } = await run(['keys', 'retire', formerKey, '--yes', ...AS_SIGNER]);

    expect(code).toBe(5);
    expect(stderr).toContain('expected a key that was the share key once, got one that only opens: --former says');
    expect(await stateOf(formerKey)).toBe('Enabled');
  });

  test('takes a key that was the share key for a former one, although the vault lists it no more', async () => {
    const earlier = await createKey();
    vault.functions.keys = [{ keyId: earlier, wasShareKey: true }];

    expect((await run(['keys', 'retire', earlier, '--yes', ...AS_SIGNER])).code).toBe(0);
  });

  describe('with --delete', () => {
    const deleting = ['--delete', '--yes'];
    beforeEach(async () => {
      freeSince('2026-01-01T00:00:00.000Z');
      await kms.send(new DisableKeyCommand({ KeyId: formerKey }));
    });

    test('schedules the deletion of a disabled key after the last backup', async () => {
      const { code, stdout } = await retire(formerKey, ...deleting);

      expect(code).toBe(0);
      expect(stdout).toMatch(/deleted on {2}\d{4}-/);
      expect(await stateOf(formerKey)).toBe('PendingDeletion');
    });

    test('prints the date again for a key that KMS deletes already, and refuses to disable it', async () => {
      const scheduled = await retire(formerKey, ...deleting);
      const again = await retire(formerKey, ...deleting);
      const disabled = await retire(formerKey, '--yes');

      expect([again.code, again.stdout]).toEqual([0, scheduled.stdout]);
      expect(disabled.code).toBe(5);
      expect(disabled.stderr).toMatch(
        /expected a key that is kept, got one that KMS deletes on \d{4}-\S+: aws kms cancel/,
      );
    });

    test('waits for the 30 days that the policies of a vault require', async () => {
      const { stdout } = await retire(formerKey, ...deleting);
      const date = / {2}(\d{4}-\S+Z)/.exec(stdout)?.[1] ?? '';

      expect((Date.parse(date) - Date.now()) / 86_400_000).toBeGreaterThan(29);
    });

    test('refuses while a backup needs the key, and says until when', async () => {
      freeSince(new Date().toISOString());

      const { code, stderr } = await retire(formerKey, ...deleting);

      expect(code).toBe(5);
      expect(stderr).toMatch(/expected no backup that needs the key, got backups until \d{4}-/);
      expect(await stateOf(formerKey)).toBe('Disabled');
      expect((await retire(formerKey, ...deleting, '--despite-backups')).code).toBe(0);
    });

    test('counts backups from the time since when no record has been under the key', async () => {
      freeSince('2996-10-01T00:00:00.000Z');

      expect((await retire(formerKey, ...deleting)).stderr).toContain('got backups until 2996-11-05T00:00:00.000Z');
    });

    test.each([
      ['the vault knows of no receipt without a record under it', () => freeSince(undefined)],
      ['the functions are of a former release', () => (vault.functions.keys = undefined)],
      ['the vault does not know the key', () => (vault.functions.keys = [])],
    ])('refuses if %s, since nothing tells which backups need the key', async (_what, know) => {
      know();

      expect(await retire(formerKey, ...deleting)).toMatchObject({
        code: 5,
        stderr: expect.stringContaining('so it is unknown which backups need it'),
      });
    });

    test('names the time until when the key sealed, if no receipt is from after it', async () => {
      const sealedUntil = '2996-10-01T00:00:00.000Z';
      vault.functions.keys = [{ keyId: formerKey, wasShareKey: true, sealedUntil }];

      expect((await retire(formerKey, ...deleting)).stderr).toContain(
        `left no record under the key after ${sealedUntil}, until when it may have sealed, got none`,
      );
    });

    test('refuses a key that is still enabled', async () => {
      const enabled = await createKey();
      vault.variables.set('share-vault-dev-unseal', { [ENV.openingKeyArns]: JSON.stringify([enabled]) });
      vault.functions.keys = [{ keyId: enabled, wasShareKey: true, freeSince: '2026-01-01T00:00:00.000Z' }];

      const { code, stderr } = await retire(enabled, ...deleting);

      expect(code).toBe(5);
      expect(stderr).toContain('expected a disabled key, got one in the state Enabled');
    });
  });
});
