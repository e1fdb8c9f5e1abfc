import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BootstraplessSynthesizer,
  CliCredentialsStackSynthesizer,
  DefaultStackSynthesizer,
  type IStackSynthesizer,
  LegacyStackSynthesizer,
  NestedStack,
  Stack,
  Stage,
} from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { PhysicalNames } from '../../../../local/emulator/deploy/physical';
import { readStacks } from '../../../../local/emulator/deploy/read';
import { VALIDATED_ELSEWHERE, cdkApp } from '../../../support/synth';

function functionIn(scope: Construct, code: Code): void {
  new LambdaFunction(scope, 'Fn', { runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code });
}

function folderOfCode(): string {
  const folder = mkdtempSync(join(tmpdir(), 'share-vault-code-'));
  writeFileSync(join(folder, 'index.js'), 'exports.handler = async () => 1;');
  return folder;
}

/** Synthesizes an app, and returns the kinds of code of its functions by logical id. */
function codesOf(define: (scope: Construct) => void): readonly (readonly [string, string])[] {
  const app = cdkApp(undefined, VALIDATED_ELSEWHERE);
  define(app);
  const { template, missing } = readStacks({ app: app.synth().directory }, new PhysicalNames());
  expect(missing).toEqual([]);
  return template.functions().map(({ logicalId, code }) => [logicalId.replace(/[0-9A-F]{8}\b/g, ''), code.kind]);
}

const SYNTHESIZERS: readonly (readonly [string, () => IStackSynthesizer])[] = [
  ['default', () => new DefaultStackSynthesizer()],
  ['command line’s', () => new CliCredentialsStackSynthesizer()],
  ['legacy', () => new LegacyStackSynthesizer()],
];

describe('an app of a synthesizer', () => {
  test.each(SYNTHESIZERS)('an app of the %s synthesizer has the code of its stacks and nested stacks', (_, make) => {
    const codes = codesOf((app) => {
      const stack = new Stack(app, 'Mine', { synthesizer: make() });
      functionIn(stack, Code.fromAsset(folderOfCode()));
      functionIn(new NestedStack(new NestedStack(stack, 'Outer'), 'Inner'), Code.fromAsset(folderOfCode()));
    });

    expect(codes).toEqual([
      ['Mine/Fn', 'folder'],
      [expect.stringMatching(/^Mine\/OuterNestedStack\w+\/\w*Inner\w+\/Fn$/), 'folder'],
    ]);
  });

  test('an app of the synthesizer without a bootstrap has its inline code', () => {
    const codes = codesOf((app) => {
      const stack = new Stack(app, 'Mine', { synthesizer: new BootstraplessSynthesizer() });
      functionIn(stack, Code.fromInline('exports.handler = async () => 1;'));
    });

    expect(codes).toEqual([['Mine/Fn', 'inline']]);
  });

  test('an app has the stacks of its stages, with their code', () => {
    const codes = codesOf((app) => {
      functionIn(new Stack(new Stage(app, 'Prod'), 'Mine'), Code.fromAsset(folderOfCode()));
    });

    expect(codes).toEqual([['Prod-Mine/Fn', 'folder']]);
  });
});
