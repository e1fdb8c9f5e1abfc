import { ALARM_DEFECTS } from './alarms';
import { BUCKET_DEFECTS } from './bucket';
import { RESTORE_TESTING_DEFECTS } from './restore-testing';
import { DATABASE_DEFECTS } from './database';
import { FUNCTION_DEFECTS } from './functions';
import { KEY_DEFECTS } from './keys';
import { NETWORK_DEFECTS } from './network';
import { RESEAL_DEFECTS } from './reseal';
import { ROLE_DEFECTS } from './roles';
import { WEBHOOK_DEFECTS } from './webhook';
import { WEBHOOK_WAY_DEFECTS } from './webhook-ways';
import type { Defect } from './defect';

/** Every defect of the suite. */
export const DEFECTS: readonly Defect[] = [
  ...KEY_DEFECTS,
  ...ROLE_DEFECTS,
  ...DATABASE_DEFECTS,
  ...NETWORK_DEFECTS,
  ...FUNCTION_DEFECTS,
  ...ALARM_DEFECTS,
  ...WEBHOOK_DEFECTS,
  ...WEBHOOK_WAY_DEFECTS,
  ...RESEAL_DEFECTS,
  ...BUCKET_DEFECTS,
  ...RESTORE_TESTING_DEFECTS,
];
