import { afterEach, describe, expect, test } from '@jest/globals';
import { ROUTES, beginPastGuard, redeemOf } from './routes';
import { database } from './stores';
import { issuedTicket, useWayPastGuard } from './unseal-by-hand';

useWayPastGuard();
afterEach(() => database.disconnect());

/** Runs a call in a session that asked for lazy commits, and returns how its transaction is then committed. */
async function commitOf(user: string, call: string, values: readonly unknown[] = []): Promise<string> {
  const client = await database.login(user);
  await client.query('BEGIN; SET LOCAL synchronous_commit = off');
  await client.query(call, [...values]);
  const { rows } = await client.query<{ commit: string }>("SELECT current_setting('synchronous_commit') AS commit");
  await client.query('COMMIT');
  return rows[0]?.commit ?? '';
}

describe('a session that asked for lazy commits', () => {
  const uuid = 'gen_random_uuid()';
  const sealed = "sha256('p'), 's', 'k', 'key', ARRAY['0123456789abcdef'], NULL, 'p', 'a', 'q'";
  const event = `${uuid}::text, ${uuid}::text, now()`;
  const recordOf = (kind: string, material: string) =>
    `json_build_array(json_build_object('kind', '${kind}', 'wallet_id', '${kind}', 'chain', 'EVM', 'record_id', ${uuid},
      'key_id', 'key', 'transport_ids', json_build_array(${uuid}), ${material}))`;

  test.each([
    ['vault_sealer', `SELECT vault_api.seal_delegated_share(${uuid}, 'w', 'EVM', NULL, NULL, NULL, ${sealed})`],
    ['vault_sealer', `SELECT vault_api.seal_records(${recordOf('delegated-share', "'delegated_share', 's', 'wallet_api_key', 'k'")}, 'a', 'q')`], // prettier-ignore
    ['vault_sealer', `SELECT vault_api.seal_records(${recordOf('server-key-shares', "'server_key_shares', 's'")}, 'a', 'q')`], // prettier-ignore
    ['vault_sealer', "SELECT vault_api.replace_properties('w', 'EVM', 'r', sha256('r'), false, 1, false, 'a', 'q')"],
    ['vault_receiver', `SELECT vault_api.receive_created(${uuid}, 'w', 'EVM', NULL, NULL, NULL, 's', 'k', 'key', ${event}, 'q')`], // prettier-ignore
    ['vault_receiver', `SELECT vault_api.receive_revoked('w', 'EVM', ${event}, 'q')`],
    ['vault_revoker', "SELECT vault_api.revoke('w', 'EVM', 'r', 'a', 'q')"],
    ['vault_revoker', "SELECT vault_api.revoke_kinds('w', 'EVM', ARRAY['server-key-shares'], 'r', 'a', 'q')"],
  ])('gets a durable one if it writes, as %s: %s', async (user, call) => {
    await expect(commitOf(user, call)).resolves.toBe('on');
  });

  test.each(ROUTES)('gets a durable one if it begins or redeems: $procedure of $kind', async (route) => {
    await expect(commitOf('vault_unsealer', beginPastGuard(route), ['w', 'EVM'])).resolves.toBe('on');
    const client = await database.login('vault_unsealer');
    const ticket = await issuedTicket(client, route, ['w', 'EVM']);
    await client.query('BEGIN; SET LOCAL synchronous_commit = off');
    await client.query(redeemOf(route), [ticket]);
    const { rows } = await client.query('SHOW synchronous_commit');
    expect(rows).toEqual([{ synchronous_commit: 'on' }]);
  });

  test.each([
    ['vault_auditor', "SELECT vault_api.chain_head('w', 'EVM')"],
    ['vault_auditor', 'SELECT vault_api.list_wallets(NULL, NULL, 1, NULL, NULL)'],
    ['vault_auditor', "SELECT vault_api.read_log_span('w', 'EVM', 0, 1, NULL, NULL)"],
    ['vault_auditor', "SELECT vault_api.records_of('w', 'EVM')"],
    ['vault_reader', "SELECT vault_api.read_properties_unless('w', 'EVM', NULL, NULL)"],
  ])('keeps what it asked for if it only reads, as %s: %s', async (user, call) => {
    await expect(commitOf(user, call)).resolves.toBe('off');
  });
});
