import { CONTROL_POLICIES } from '../../../../local/audit/matrix/control-policies';
import { type Report, createReport, readAuditedStacks } from '../../../../local/audit/report';
import { PhysicalNames } from '../../../../local/emulator/deploy/physical';
import { readStack } from '../../../../local/emulator/deploy/read';
import { vaultOptions } from '../../../../local/vault/options';
import { type Environment, environmentFile } from '../../../support/environment-template';

/** Makes the report of an environment of cdk.json, as the command does. */
export function reportOf(
  environment: Environment,
  more: Partial<Parameters<typeof createReport>[0]> = {},
): Promise<Report> {
  // prettier-ignore
  const template = environmentFile(environment);
  const audited = readAuditedStacks({ template });
  return createReport({
    audited,
    linked: readStack(vaultOptions({ template }), new PhysicalNames()),
    environment: undefined,
    control: CONTROL_POLICIES,
    former: new Map(),
    against: undefined,
    madeFrom: {
      program: { name: 'test', version: '1' },
      packages: [],
      templates: audited.stacks.map(({ name: stack, file, sha256 }) => ({ stack, file, sha256, resources: 1 })),
      controlPolicies: { sample: true, files: [] },
    },
    ...more,
  });
}
