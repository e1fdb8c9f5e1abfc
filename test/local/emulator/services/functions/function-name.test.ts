import { describe, expect, test } from '@jest/globals';
import { functionArn, parseFunctionName } from '../../../../../local/emulator/services/functions/function-name';

const PLACE = { region: 'eu-central-1', accountId: '123456789012' };
const ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:seal';

describe('a function’s name', () => {
  test.each([
    ['seal', undefined, undefined],
    ['seal:signer', undefined, 'signer'],
    ['seal', 'signer', 'signer'],
    ['seal:signer', 'signer', 'signer'],
    ['seal:$LATEST', undefined, '$LATEST'],
    ['seal', '1', '1'],
    ['123456789012:function:seal:signer', undefined, 'signer'],
    [ARN, undefined, undefined],
    [ARN, 'signer', 'signer'],
    [`${ARN}:signer`, undefined, 'signer'],
  ])('%s with qualifier %s is seal under %s', (text, qualifier, expected) => {
    expect(parseFunctionName(text, qualifier, PLACE)).toEqual({ name: 'seal', qualifier: expected });
  });

  test.each([
    ['of another region', ARN.replace('eu-central-1', 'us-east-1')],
    ['of another account', ARN.replace('123456789012', '210987654321')],
    ['of another account, in short', '210987654321:function:seal'],
  ])('%s is not found', (_case, text) => {
    expect(() => parseFunctionName(text, undefined, PLACE)).toThrowWithCode('ResourceNotFoundException');
  });

  test.each([
    ['that is empty', '', undefined],
    ['with a path in it', '../seal', undefined],
    ['with an empty qualifier', 'seal:', undefined],
    ['beside an empty qualifier', 'seal', ''],
    ['beside a malformed qualifier', 'seal', 'a b'],
    ['with two qualifiers', 'seal:a:b', undefined],
    ['whose qualifier differs from the one beside it', 'seal:signer', 'other'],
    ['of another service', ARN.replace('lambda', 's3'), undefined],
  ])('%s is refused', (_case, text, qualifier) => {
    expect(() => parseFunctionName(text, qualifier, PLACE)).toThrowWithCode('InvalidParameterValueException');
  });

  test('as an ARN has a qualifier only if the caller named one', () => {
    expect(functionArn(PLACE, { name: 'seal', qualifier: undefined })).toBe(ARN);
    expect(functionArn(PLACE, { name: 'seal', qualifier: 'signer' })).toBe(`${ARN}:signer`);
  });
});
