import { describe, expect, test } from '@jest/globals';
import { check, inCopy, results, useRestoreChecker } from './restore-checker';

useRestoreChecker();

const LOG = 'ALTER TABLE vault.share_access_log DISABLE TRIGGER append_only';
const CANARIES = 'ALTER TABLE vault.restore_canaries DISABLE TRIGGER append_only';

describe('a restored database', () => {
  test('is proven by its canary, its logs and its records', async () => {
    const restoreJobId = 'PROVEN-1';

    expect(await check({ restoreJobId })).toEqual({
      status: 'SUCCESSFUL',
      message: expect.stringMatching(
        /^the canary of [0-9TZ:.-]{24} opens, the logs of 3 wallets until then are whole, and the records of 5 of 5 wallets are those of the vault: the others changed since$/,
      ),
    });
    expect(await results(restoreJobId)).toEqual(['proven-restore sealed']);
  });

  test.each([
    ['without canaries', 'DELETE FROM vault.restore_canaries', /expected a canary in the restored database, got none/],
    [
      'with other facts of a canary',
      `${CANARIES}; UPDATE vault.restore_canaries SET facts = replace(facts, '"wallets":3', '"wallets":0')`,
      /expected a canary of the vault's own database, got another/,
    ],
    [
      'with other sealed bytes of a canary',
      `${CANARIES}; UPDATE vault.restore_canaries SET sealed = sealed || 'x'`,
      /expected a canary of the vault's own database, got another/,
    ],
    [
      'with a canary that the vault never had',
      `INSERT INTO vault.restore_canaries (id, sealed, facts) SELECT gen_random_uuid(), sealed, facts FROM vault.restore_canaries`,
      /expected a canary of the vault's own database, got another/,
    ],
    ['without logs', 'DELETE FROM vault.share_access_log', /expected access logs of 3 wallets, got 0/, LOG],
    [
      'with a log that was cut',
      `DELETE FROM vault.share_access_log WHERE action = 'revoke'`,
      /expected the access logs of the canary's time, got others/,
      LOG,
    ],
    [
      'with a log that was cut, and a head to fit',
      `DELETE FROM vault.share_access_log WHERE action = 'revoke';
        UPDATE vault.wallets SET log_length = log_length - 1 WHERE revoked_until_ns IS NOT NULL`,
      /expected the access logs of the canary's time, got others/,
      LOG,
    ],
    [
      'with a log whose newest row, after the canary, was cut',
      `DELETE FROM vault.share_access_log WHERE at > now() - interval '30 minutes';
        UPDATE vault.wallets SET log_head = sha256('another') WHERE created_at = (SELECT max(created_at) FROM vault.wallets)`,
      /expected access logs as in the vault's own database, got another/,
      LOG,
    ],
    ['without wallets', 'TRUNCATE vault.wallets CASCADE', /expected access logs of 3 wallets, got 0/],
    ['without a wallet that has no log', 'DELETE FROM vault.wallets WHERE log_length = 0', /expected 4 wallets, got 3/],
    [
      'without one wallet',
      `SET session_replication_role = replica; DELETE FROM vault.wallets WHERE revoked_until_ns IS NOT NULL`,
      /expected access logs of 3 wallets, got 2/,
    ],
    [
      'without delegated shares',
      'DELETE FROM vault.delegated_shares',
      /expected 2 live records or more of the kind delegated-share, got 0/,
    ],
    [
      'without server key shares',
      'DELETE FROM vault.server_key_shares',
      /expected 1 live records or more of the kind server-key-shares, got 0/,
    ],
    [
      'without one record',
      'DELETE FROM vault.delegated_shares WHERE id = (SELECT id FROM vault.delegated_shares LIMIT 1)',
      /expected the records of wallets that did not change since the backup, got others/,
    ],
    [
      'with a byte changed in one message',
      `UPDATE vault.delegated_shares SET encrypted_wallet_api_key = set_byte(encrypted_wallet_api_key, 100,
        get_byte(encrypted_wallet_api_key, 100) # 1) WHERE id = (SELECT id FROM vault.delegated_shares LIMIT 1)`,
      /expected the records of wallets that did not change since the backup, got others/,
    ],
    [
      'with another owner of one record',
      `UPDATE vault.server_key_shares SET user_id = 'another'`,
      /expected the records of wallets that did not change since the backup, got others/,
    ],
    [
      'with an unknown wallet',
      "SELECT vault.append_log('unknown', 'EVM', 'seal', 'sealed', 'a', 'q', NULL, NULL) FROM vault.lock_wallet('unknown', 'EVM')",
      /expected wallets of the vault's own database, got another/,
    ],
    ['of an earlier release', 'DROP SCHEMA vault_api CASCADE', /got one of an earlier release/],
    ['that lacks one function', 'DROP FUNCTION vault_api.record_digests', /got one of an earlier release/],
    [
      'whose user has no right',
      'REVOKE ALL ON SCHEMA vault_api FROM vault_restore_checker',
      /got one of an earlier release/,
    ],
    [
      'that can not be read',
      `CREATE OR REPLACE FUNCTION vault_api.canary(p_id uuid) RETURNS TABLE (id text, made_at timestamptz, sealed bytea, facts text)
        LANGUAGE plpgsql AS $$ BEGIN END $$;
        CREATE OR REPLACE FUNCTION vault_api.newest_canary(p_until timestamptz)
        RETURNS TABLE (id text, made_at timestamptz, sealed bytea, facts text)
        LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'damaged' USING ERRCODE = 'XX001'; END $$`,
      /^a query of the restored database failed: SQLSTATE XX001$/,
    ],
  ])('%s is not proven', async (what, damage, message, before = '') => {
    await inCopy(`${before}; ${damage}`);
    const restoreJobId = what.replaceAll(/[^a-z]/g, '-');

    expect(await check({ restoreJobId })).toEqual({ status: 'FAILED', message: expect.stringMatching(message) });
    expect(await results(restoreJobId)).toEqual(['failed-restore']);
  });
});
