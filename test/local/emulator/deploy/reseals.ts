import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { connectDatabase } from '../../../../local/emulator/postgres/connection';
import type { Deployed } from '../../../../local/emulator/deploy';
import { as } from './support';

/** Makes every record stale, starts a run as a rotation does, and waits for its end. */
export async function resealAll(vault: Deployed): Promise<void> {
  const { user, password } = vault.postgres.superuser;
  const client = await connectDatabase(vault.postgres, user, password);
  await client.query("UPDATE vault.delegated_shares SET key_material_id = ''");
  const [rotated] = vault.template.eventRules().filter(({ logicalId }) => logicalId.startsWith('VaultResealRotated'));
  await vault.fire(rotated?.logicalId ?? '');
  const states = new SFNClient(as(vault, vault.administrator));
  const stateMachineArn = `arn:aws:states:${vault.region}:${vault.account}:stateMachine:share-vault-dev-reseal`;
  const list = () => states.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'RUNNING' }));
  // what a refused step has claimed would wait for the end of its lease, a minute; a step that works needs less than this
  const expire = "DELETE FROM vault.reseal_claims WHERE claimed_at < clock_timestamp() - interval '3 seconds'";
  while ((await list()).executions?.length !== 0) await client.query(expire);
  states.destroy();
  await client.end();
}
