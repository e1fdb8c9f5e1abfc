import type { Finding } from './finding';
import type { VaultTemplate } from './template';
import * as aliases from './aliases';
import * as backups from './backups';
import * as database from './database';
import { rightsElsewhereAreBound } from './elsewhere';
import { firewallDropsByDefault, firewallIsLogged, firewallPassesHosts } from './egress';
import * as endpoints from './endpoints';
import * as functions from './functions';
import * as keyPolicies from './key-policies';
import * as keys from './keys';
import * as logs from './logs';
import * as network from './network';
import * as parameters from './parameters';
import * as policies from './policies';
import { machineResealsOnly, machineRoleServesOneMachine, nobodyElseReseals, rulesStartOneMachine } from './reseal';
import { machineTestsRestoresOnly, restoreRoleServesOneMachine } from './restore-testing';
import * as roles from './roles';
import * as secrets from './secrets';
import * as schedule from './schedule';
import { bucketIsPrivate, bucketKeepsObjects, bucketPolicyDenies } from './tombstones';
import * as alarms from './alarms';
import * as watch from './watch';
import * as webhook from './webhook';

/** Every check by its name. */
export const CHECKS = {
  ...alarms,
  ...aliases,
  ...backups,
  bucketIsPrivate,
  bucketKeepsObjects,
  bucketPolicyDenies,
  ...database,
  firewallDropsByDefault,
  firewallIsLogged,
  firewallPassesHosts,
  rightsElsewhereAreBound,
  machineResealsOnly,
  machineRoleServesOneMachine,
  nobodyElseReseals,
  rulesStartOneMachine,
  machineTestsRestoresOnly,
  restoreRoleServesOneMachine,
  ...endpoints,
  ...functions,
  ...keyPolicies,
  ...keys,
  ...logs,
  ...network,
  ...parameters,
  ...policies,
  ...roles,
  ...schedule,
  ...secrets,
  ...watch,
  ...webhook,
};

export type CheckName = keyof typeof CHECKS;

export interface NamedFinding extends Finding {
  readonly check: string;
}

/** Returns the findings of all checks in a template. */
export function audit(template: VaultTemplate): readonly NamedFinding[] {
  return Object.entries(CHECKS).flatMap(([check, find]) => find(template).map((finding) => ({ check, ...finding })));
}
