import { describe, expect, test } from '@jest/globals';
import { requireValues } from '../../../../local/emulator/deploy/outside-values';
import { holder, linkApp, published } from './cloud-assembly';

describe('a parameter of a stack', () => {
  const Parameters = { Size: { Type: 'String' }, Zone: { Type: 'String', Default: 'a' } };
  const stack = { template: { Parameters, Resources: { It: holder({ Ref: 'Size' }) } } };
  const sizes = (parameters: Readonly<Record<string, string>>) => {
    const { template, missing } = linkApp({ One: stack, Two: stack }, { parameters });
    return [
      missing,
      ['One/It', 'Two/It'].map(
        (id) => !missing.includes(`${id.slice(0, 3)}:Size`) && template.resolver.property(id, 'Value'),
      ),
    ];
  };

  test('a parameter of a stack has the value that is given for it, or for its name in all stacks', () => {
    expect(sizes({ Size: 'x' })).toEqual([[], ['x', 'x']]);
    expect(sizes({ Size: 'x', 'Two:Size': 'y' })).toEqual([[], ['x', 'y']]);
  });

  test('a parameter of a stack without a value is listed with its stack', () => {
    expect(sizes({ 'Two:Size': 'y' })).toEqual([['One:Size'], [false, 'y']]);
    expect(() => requireValues(linkApp({ One: stack, Two: stack }))).toThrow(
      'expected a value of each parameter without a default, got none of One:Size, Two:Size: give it by --parameter NAME=VALUE',
    );
  });

  test('a parameter of a stack that the named stack does not have is refused', () => {
    expect(() => sizes({ 'Two:Sise': 'y' })).toThrow('expected a parameter of a stack, got Two:Sise');
  });
});

describe('a value in Parameter Store', () => {
  const Parameters = { Looked: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/a' } };
  const used = published('/b', { Ref: 'Looked' });
  const missing = (Resources: object, ssmParameters = {}) =>
    linkApp({ One: { template: { Parameters, Resources } } }, { ssmParameters }).template.missingStored();

  test('a value in Parameter Store that a resource of the emulator uses is missing, unless it is given', () => {
    expect(missing({ Used: used })).toEqual([{ name: '/a', logicalIds: ['One/Used'] }]);
    expect(missing({ Used: published('/b', 'x-{{resolve:ssm:/c:1}}') })).toEqual([
      { name: '/c', logicalIds: ['One/Used'] },
    ]);
    expect(missing({ Used: used }, { '/a': 'x' })).toEqual([]);
  });

  test('a value in Parameter Store that is missing is refused with its resources and the option that gives it', () => {
    const linked = (ssmParameters: Readonly<Record<string, string>>) =>
      linkApp({ One: { template: { Parameters, Resources: { Used: used } } } }, { ssmParameters });

    expect(() => requireValues(linked({}))).toThrow(
      /expected each parameter in Parameter Store that a resource uses, got none of \/a \(One\/Used\): give it by --ssm-parameter NAME=VALUE/,
    );
    expect(() => requireValues(linked({ '/a': 'x' }))).not.toThrow();
  });

  test('a value in Parameter Store that only a skipped resource uses is not missing', () => {
    expect(missing({ It: holder({ Ref: 'Looked' }) })).toEqual([]);
  });

  test('a value in Parameter Store comes from the stack that publishes it, and not from the given values', () => {
    const { template } = linkApp(
      {
        One: { template: { Parameters, Resources: { Used: used } } },
        Two: { template: { Resources: { A: published('/a', 'theirs') } } },
      },
      { ssmParameters: { '/a': 'given' } },
    );

    expect(template.storedParameters()).toMatchObject([{ value: 'theirs' }, { value: 'theirs' }]);
  });
});
