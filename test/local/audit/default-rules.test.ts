import { describe, expect, test } from '@jest/globals';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import cdkJson from '../../../cdk.json';
import { consumerStack } from '../emulator/deploy/consumer-stack';
import { composedApp } from './matrix/composed-stacks';
import { matrixStack } from '../../../tools/matrix-stacks';
import { vaultStack } from '../../support/local-vault-stack';
import { cdkApp, environmentStack } from '../../support/synth';

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

  test.each<[string, (app: App) => unknown]>([
    ['a vault that answers promptly', (app) => vaultStack(app, 'prompt')],
    ['a vault that answers patiently', (app) => vaultStack(app, 'patient')],
    ["a consumer's stack", consumerStack],
    ['an app of several stacks', composedApp],
    ['dev with callers', (app) => matrixStack('dev', app)],
    ['staging with callers', (app) => matrixStack('staging', app)],
    ['prod with callers', (app) => matrixStack('prod', app)],
  ])('have nothing against %s', (_, make) => {
    const app = cdkApp();
    make(app);

    expect(() => app.synth()).not.toThrow();
  });

  test('stop a synth of a template that they find wrong', () => {
    expect(() => outdated(cdkApp()).synth()).toThrow('nodejs12.x');
  });

  test('stop no synth without the flag in cdk.json', () => {
    const app = new App({ context: { ...cdkJson.context, [FLAG]: false } });

    expect(() => outdated(app).synth()).not.toThrow();
  });
});
