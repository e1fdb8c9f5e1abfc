import { expect, test } from '@jest/globals';
import { CfnResource } from 'aws-cdk-lib';
import { cdkApp, testStack } from '../support/synth';

test('a synth in a test throws if CDK’s own rules refuse its template', () => {
  const app = cdkApp();
  new CfnResource(testStack(undefined, app), 'Key', { type: 'AWS::KMS::Key', properties: { Nonsense: 1 } });

  expect(() => app.synth()).toThrow('CloudFormation-Validate::F3002');
});
