import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import awsCdkLib from 'aws-cdk-lib-floor/package.json';
import constructs from 'constructs-floor/package.json';
import { peerDependencies } from '../../package.json';
import { type Environment, environmentTemplate } from '../support/environment-template';
import type { TemplateJson } from '../support/mutate';
import { policiesOf } from '../support/policies';
import { runFolder } from '../support/run';

const ROOT = join(__dirname, '..', '..');
const FLOOR = join(__dirname, 'use-floor.mjs');
const STACKS = join(ROOT, 'test', 'support', 'environment-stacks.ts');

/** Runs Node with the oldest releases that the peer ranges allow in place of the installed ones. */
function runOnFloor(...args: readonly string[]): string {
  return execFileSync(process.execPath, ['--import', FLOOR, ...args], { cwd: ROOT, encoding: 'utf8' });
}

describe('the oldest releases of the CDK that the peer ranges allow', () => {
  const folder = join(runFolder('floor'), 'stacks');
  const templateOf = (environment: Environment) =>
    JSON.parse(readFileSync(join(folder, `ShareVault-${environment}.template.json`), 'utf8')) as TemplateJson;
  beforeAll(() => {
    runOnFloor('--import', 'tsx', STACKS, folder);
  });

  test('are those that this suite runs on', () => {
    const floor = { 'aws-cdk-lib': `^${awsCdkLib.version}`, constructs: `^${constructs.version}` };

    expect(peerDependencies).toEqual(floor);
    expect(runOnFloor('-p', "require('aws-cdk-lib/package.json').version").trim()).toBe(awsCdkLib.version);
    expect(runOnFloor('-p', "require('constructs/package.json').version").trim()).toBe(constructs.version);
  });

  test('have every API that the constructs use', () => {
    const tsc = createRequire(__filename).resolve('typescript/bin/tsc');
    const compile = () => execFileSync(process.execPath, [tsc, '-p', __dirname], { encoding: 'utf8' });

    expect(compile).not.toThrow();
  });

  test.each(['dev', 'staging', 'prod'] as const)(
    'synthesize the policies of %s that the installed release does',
    (environment) => {
      expect(policiesOf(templateOf(environment))).toEqual(policiesOf(environmentTemplate(environment)));
    },
  );

  test.each(['dev', 'staging', 'prod'] as const)(
    'give the resources of %s the logical ids that the installed release does',
    (environment) => {
      const ids = ({ Resources }: TemplateJson) => Object.keys(Resources).sort();

      expect(ids(templateOf(environment))).toEqual(ids(environmentTemplate(environment)));
    },
  );
});
