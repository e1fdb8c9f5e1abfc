import { describe, expect, test } from '@jest/globals';
import { Aspects, type IAspect, Stage } from 'aws-cdk-lib';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { testVault } from '../support/vault';

/** Adds one variable to every function of an app, as a monitoring agent's construct does. */
class Variable implements IAspect {
  constructor(private readonly text: string) {}

  visit(node: IConstruct): void {
    if (node instanceof CfnFunction) node.addPropertyOverride('Environment.Variables.AGENT', this.text);
  }
}

describe("a function's environment variables", () => {
  test("are refused over Lambda's quota for all of them together, from all sources", () => {
    const { stack, vault } = testVault();
    for (let index = 0; index < 60; index += 1) vault.functions.unseal.addActor(`a-name-of-twenty-chars-${index}`, []);
    Aspects.of(stack).add(new Variable('x'.repeat(2_048)));

    expect(() => Stage.of(stack)?.synth()).toThrow(
      /\[Test\/Vault\/Functions\/unseal\/Function\] expected environment variables of at most 4096 bytes in total, got about 4\d{3}/,
    );
  });

  test('fit if the actors take all that they may', () => {
    const { stack, vault } = testVault({ webhook: {}, intakeKeyIds: ['a', 'b', 'c'].map((kid) => kid.repeat(64)) });
    for (let index = 0; index < 66; index += 1)
      vault.functions.seal.addActor(`a-name-of-twenty-chars-${index + 10}`, []);

    expect(() => Stage.of(stack)?.synth()).not.toThrow();
  });
});
