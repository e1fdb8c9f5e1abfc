import { describe, expect, test } from '@jest/globals';
import { OTHER_CASES, CASES } from '../../../../tools/lifecycle/cases';
import { publicProps } from './public-props';

describe('the cases of the lifecycle suite', () => {
  test('have one for every public prop of a vault', () => {
    const cased = new Set(CASES.map(({ prop }) => prop));

    expect(publicProps().filter((prop) => !cased.has(prop))).toEqual([]);
  });

  test('are of public props, the id and the actors only', () => {
    const props = [...publicProps(), ...OTHER_CASES];

    expect(CASES.map(({ prop }) => prop).filter((prop) => !props.includes(prop))).toEqual([]);
  });

  test('read props of every interface that the vault takes', () => {
    expect(publicProps()).toEqual(
      expect.arrayContaining([
        'environment',
        'clusterIdentifier',
        'memorySize',
        'vpc',
        'webhook',
        'webhook.responseTimeout',
      ]),
    );
  });
});
