import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Environment, environmentTemplate } from '../support/environment-template';
import { policiesOf } from '../support/policies';

/** Reviewed, one file for each policy. Written anew by `SHARE_VAULT_WRITE_POLICIES=1 npx jest test/lib/policies`. */
const REVIEWED = path.join(__dirname, 'policies');
const WRITE = process.env.SHARE_VAULT_WRITE_POLICIES === '1';

describe.each<Environment>(['dev', 'staging', 'prod'])('the policies of %s', (environment) => {
  const directory = path.join(REVIEWED, environment);

  test('are the reviewed ones, none more and none fewer', () => {
    const policies = Object.fromEntries(policiesOf(environmentTemplate(environment)));

    if (WRITE) write(directory, policies);

    expect(policies).toEqual(read(directory));
  });
});

function read(directory: string): Record<string, unknown> {
  return Object.fromEntries(
    readdirSync(directory).map((name) => [
      path.basename(name, '.json'),
      JSON.parse(readFileSync(path.join(directory, name), 'utf8')) as unknown,
    ]),
  );
}

function write(directory: string, policies: Record<string, unknown>): void {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const [name, policy] of Object.entries(policies)) {
    writeFileSync(path.join(directory, `${name}.json`), `${JSON.stringify(policy, undefined, 2)}\n`);
  }
}
