import { expect, test } from '@jest/globals';
import { holder, linkApp } from './cloud-assembly';

test('of two stacks of one name in two regions, the error names the ids and each id selects one', () => {
  const template = { Resources: { It: holder({ Ref: 'AWS::Region' }) } };
  const east = { template, stackName: 'Wallets', environment: '444455556666/us-east-1' };
  const app = { East: east, West: { ...east, environment: '444455556666/eu-west-1' } };

  expect(() => linkApp(app)).toThrow(
    'got East (444455556666, us-east-1); West (444455556666, eu-west-1): choose with --stack NAME',
  );
  const { template: west } = linkApp(app, { stacks: ['West'] });
  expect(west.resolver.property('Wallets/It', 'Value')).toBe('eu-west-1');
});
