import { describe, expect, test } from '@jest/globals';
import { environmentTemplate } from '../../support/environment-template';
import { CHECKS, audit } from '../../../local/audit/checks';
import { DEFECTS } from './mutations/all';
import { readTemplate } from '../../../local/audit/checks/template';

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
