import { describe, expect, test } from '@jest/globals';
import { readTemplate, ofType } from '../../local/audit/checks/template';
import { type Environment, environmentTemplate } from '../support/environment-template';
import { deadBecause } from '../support/fireable';

describe.each<Environment>(['dev', 'staging', 'prod'])('the alarms of %s', (environment) => {
  const template = readTemplate(environment, environmentTemplate(environment));
  const alarms = ofType(template, 'AWS::CloudWatch::Alarm');

  test.each(alarms.map((alarm) => [alarm.id, alarm] as const))('%s can fire, also in a quiet vault', (_id, alarm) => {
    expect(deadBecause(alarm, template)).toEqual([]);
  });
});
