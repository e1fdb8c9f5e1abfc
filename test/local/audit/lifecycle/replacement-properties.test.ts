import { describe, expect, test } from '@jest/globals';
import { propertiesOf, replacementProperties } from '../../../../tools/lifecycle/replacement-properties';
import { isCustomResource, isKnownType, namingProperty, resourcesOf } from '../../../../local/audit/lifecycle';
import facts from '../../../../local/audit/lifecycle/replacement-properties.json';
import { steps } from './case-templates';

const templates = steps().flatMap(({ before, after }) => ('template' in after ? [before, after.template] : [before]));
const used = [...new Set(templates.flatMap((each) => [...resourcesOf(each).values()].map(({ type }) => type)))];

/** Properties that read like a unique name and are none: two resources of a type can have the same. */
const LABELS: readonly string[] = [
  // the stage of an API that the stack makes as well
  'AWS::ApiGatewayV2::Stage.StageName',
  // the name of the group that the rule belongs to
  'AWS::EC2::SecurityGroupIngress.GroupName',
];

describe('the properties that replace a resource', () => {
  test('are those of the current CloudFormation specification', () => {
    expect(facts).toEqual(replacementProperties(Object.keys(facts)));
  });

  test('are known of every type that a vault uses', () => {
    expect(used.filter((type) => !isKnownType(type))).toEqual([]);
  });
});

describe('the properties that name a resource', () => {
  test('are known of every type with a create-only name of its own', () => {
    const candidates = used
      .filter((type) => !isCustomResource(type))
      .flatMap((type) => {
        const own = type.split('::')[2] ?? '';
        return ['Name', `${own}Name`, `${own}Identifier`, 'GroupName']
          .filter((property) => propertiesOf(type)[property]?.causesReplacement === 'yes')
          .filter((property) => namingProperty(type) !== property)
          .map((property) => `${type}.${property}`);
      });

    expect(candidates.filter((candidate) => !LABELS.includes(candidate))).toEqual([]);
  });

  test('are properties of their types', () => {
    const known = used.flatMap((type) => {
      const property = namingProperty(type);
      return property === undefined || property in propertiesOf(type) ? [] : [`${type}.${property}`];
    });

    expect(known).toEqual([]);
  });
});
