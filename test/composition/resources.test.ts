import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NestedStack, Stack } from 'aws-cdk-lib';
import { cdkApp } from '../support/synth';
import { vaultIn } from './compositions';

/** CloudFormation's quota of a template, nested ones counted by themselves. */
const QUOTA = 500;

/** Returns the number of resources of each template, by its file. */
function resourcesIn(directory: string): readonly (readonly [file: string, resources: number])[] {
  return readdirSync(directory)
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => {
      const template = JSON.parse(readFileSync(join(directory, file), 'utf8')) as { readonly Resources: object };
      return [file, Object.keys(template.Resources).length] as const;
    });
}

describe('two vaults with a webhook', () => {
  test('have more resources in one stack than CloudFormation accepts', () => {
    const app = cdkApp();
    const stack = new Stack(app, 'Mine');
    for (const environment of ['first', 'second']) vaultIn(stack, { environment, webhook: {} }, environment);

    expect(() => app.synth()).toThrow(/is greater than allowed maximum of 500/);
  });

  test('each in a nested stack leave the parent one resource for each, and fit', () => {
    const app = cdkApp();
    const stack = new Stack(app, 'Mine');
    for (const environment of ['first', 'second']) {
      vaultIn(new NestedStack(stack, environment), { environment, webhook: {} });
    }

    app.synth();
    const resources = resourcesIn(app.outdir);
    const nested = resources.filter(([file]) => file.includes('.nested.'));
    const [parent] = resources.filter(([file]) => !file.includes('.nested.'));

    expect(nested).toHaveLength(2);
    expect(parent?.[1]).toBe(2);
    for (const [, count] of nested) expect(count).toBeLessThanOrEqual(QUOTA);
  });
});
