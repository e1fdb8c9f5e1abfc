import type { Resources } from '../resources';

export const RESTORE_PLAN = 'AWS::Backup::RestoreTestingPlan';

/** Returns the ARNs of the restore testing plans of AWS Backup. */
export function readRestorePlans(resources: Resources): readonly string[] {
  const ids = resources.idsOf(RESTORE_PLAN);
  return ids.map((logicalId) => resources.resolver.name(logicalId, 'RestoreTestingPlanArn'));
}
