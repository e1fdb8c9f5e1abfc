import { describe, expect, test } from '@jest/globals';
import { environmentTemplate } from '../../support/environment-template';
import { CHECKS, audit } from '../../../local/audit/checks';
import { ALARM_DEFECTS } from './mutations/alarms';
import { BUCKET_DEFECTS } from './mutations/bucket';
import { RESTORE_TESTING_DEFECTS } from './mutations/restore-testing';
import { DATABASE_DEFECTS } from './mutations/database';
import { FUNCTION_DEFECTS } from './mutations/functions';
import { KEY_DEFECTS } from './mutations/keys';
import { NETWORK_DEFECTS } from './mutations/network';
import { RESEAL_DEFECTS } from './mutations/reseal';
import { ROLE_DEFECTS } from './mutations/roles';
import { WEBHOOK_DEFECTS } from './mutations/webhook';
import { WEBHOOK_WAY_DEFECTS } from './mutations/webhook-ways';
import { readTemplate } from '../../../local/audit/checks/template';

const DEFECTS = [
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
const prod = environmentTemplate('prod');

describe('a template', () => {
  test.each(DEFECTS)('in which $defect is caught', ({ mutation, caughtBy }) => {
    const findings = audit(readTemplate('prod', mutation(prod)));

    const found = Object.groupBy(findings, ({ check }) => check);
    const resources = Object.entries(found).map(([check, each]) => [check, each?.map(({ resource }) => resource)]);
    expect(Object.fromEntries(resources)).toEqual(caughtBy);
  });
});

describe('the checks', () => {
  test('each catch a defect', () => {
    const catching = new Set(DEFECTS.flatMap(({ caughtBy }) => Object.keys(caughtBy)));

    expect(Object.keys(CHECKS).filter((name) => !catching.has(name))).toEqual([]);
  });
});
