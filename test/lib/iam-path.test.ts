import { describe, expect, test } from '@jest/globals';
import { at, ofType, readTemplate } from '../../local/audit/checks/template';
import { environmentTemplate } from '../support/environment-template';

/** Roles that the CDK creates itself, one for each stack, without a path. */
const HELPERS = /^(AWSCDKTrigger|CustomVpcRestrictDefaultSG|AWS679f53fac002430cb0da5b7982bd2287)/;

describe('every role and managed policy of a vault', () => {
  const template = readTemplate('prod', environmentTemplate('prod'));

  test.each(['AWS::IAM::Role', 'AWS::IAM::ManagedPolicy'])(
    'of type %s has the path by which the control policies name it',
    (type) => {
      const own = ofType(template, type).filter(({ id }) => !HELPERS.test(id));

      expect(own.length).toBeGreaterThan(7);
      expect(
        own.filter(({ properties }) => !/^\/share-vault\/(reseal\/)?$/.test(String(at(properties, 'Path')))),
      ).toEqual([]);
    },
  );
});
