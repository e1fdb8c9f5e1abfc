import { describe, expect, test } from '@jest/globals';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json';
import { cdkApp, environmentStack } from '../support/synth';

const FLAG = '@aws-cdk/core:validateAgainstDefaultRules';

/** A function on a runtime that Lambda no longer takes: CloudFormation would say so only at deploy. */
function outdated(app: App): App {
  new CfnResource(new Stack(app, 'Test'), 'Function', {
    type: 'AWS::Lambda::Function',
    properties: {
      Runtime: 'nodejs12.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/any',
      Code: { ZipFile: 'code' },
    },
  });
  return app;
}

describe("the CDK's own rules, as cdk.json sets them", () => {
  test.each(['dev', 'staging', 'prod'] as const)('have nothing against %s', (environment) => {
    const app = cdkApp();
    environmentStack(environment, app);

    expect(() => app.synth()).not.toThrow();
  });

  test('stop a synth of a template that they find wrong', () => {
    expect(() => outdated(cdkApp()).synth()).toThrow('nodejs12.x');
  });

  test('would not without the flag in cdk.json', () => {
    const app = new App({ context: { ...cdkJson.context, [FLAG]: false } });

    expect(() => outdated(app).synth()).not.toThrow();
  });
});
