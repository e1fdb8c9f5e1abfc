import { setTimeout } from 'node:timers/promises';
import type { AuditCensusResponse } from '../../lambda/contract/responses';
import type { LocalVault } from '../vault';
import type { Report } from './report';

/** Pause between two looks at the census, and the looks at most. */
const LOOK_MS = 50;
const LOOKS = 600;

/**
 * Rotates the share key, and waits until every record is under its new material: KMS's event starts the vault's state
 * machine. Does nothing for a vault without one, or without a share key in AWS KMS.
 */
export async function showRotation(vault: LocalVault, report: Report): Promise<void> {
  const { shareKeyArn: KeyId } = vault.keys;
  const machine = vault.template.stateMachines().find(({ name }) => name === `share-vault-${vault.environment}-reseal`);
  if (machine === undefined || KeyId === '') return;
  const auditor = vault.client(vault.actor('audit'));
  const former = new Set((await auditor.census()).groups.map(({ keyMaterialId }) => keyMaterialId));
  report.heading('A rotation of the share key');
  await report.step(
    'rotation',
    () => Promise.resolve(vault.kms.handle({ operation: 'RotateKeyOnDemand', input: { KeyId }, accessKeyId: 'demo' })),
    () => 'KMS has new key material; the former one still decrypts',
  );
  const groups = await report.step(
    'reseal',
    () => resealed(() => auditor.census(), former),
    (found) => `a state machine opened and sealed ${recordsOf(found)} records again, each on the log`,
  );
  for (const { kind, records, keyMaterialId = 'unknown' } of groups) {
    report.detail(`${records} ${kind}`, `material ${keyMaterialId.slice(0, 32)}`);
  }
}

type Groups = AuditCensusResponse['groups'];

function recordsOf(groups: Groups): number {
  return groups.reduce((sum, { records }) => sum + records, 0);
}

/** Returns the census when no record is left under a former material. */
async function resealed(census: () => Promise<AuditCensusResponse>, former: ReadonlySet<unknown>): Promise<Groups> {
  for (let look = 0; look < LOOKS; look += 1) {
    const { groups } = await census();
    if (!groups.some(({ keyMaterialId }) => former.has(keyMaterialId))) return groups;
    await setTimeout(LOOK_MS);
  }
  throw new Error('expected every record under the new key material, got some under a former one');
}
