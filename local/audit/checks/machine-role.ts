import { isDeepStrictEqual } from 'node:util';
import type { Finding } from './finding';
import { statements } from './statements';
import { type VaultTemplate, at, ofType } from './template';

/** Finds a role that more than one state machine may use. */
export function trustBeyond(template: VaultTemplate, role: string, machineArn: string): readonly Finding[] {
  const conditions = {
    ArnEquals: { 'aws:SourceArn': machineArn },
    StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' },
  };
  return ofType(template, 'AWS::IAM::Role')
    .filter(({ id }) => id === role)
    .filter(
      ({ properties }) =>
        !statements(at(properties, 'AssumeRolePolicyDocument')).every((each) =>
          isDeepStrictEqual(each.conditions, conditions),
        ),
    )
    .map(({ id }) => ({ resource: id, problem: 'expected trust for one state machine, got it wider' }));
}
