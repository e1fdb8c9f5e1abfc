import { describe, expect, test } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(__dirname, '..', '..', '.github', 'workflows');
const WORKFLOWS = readdirSync(FOLDER).sort();
const lines = (workflow: string): readonly string[] => readFileSync(join(FOLDER, workflow), 'utf8').split('\n');

/** Returns the matches in a workflow, each after the name of its job: `` outside of jobs. */
function found(workflow: string, pattern: RegExp): readonly string[] {
  let job = '';
  return lines(workflow).flatMap((line) => {
    if (/^\S/.test(line)) job = '';
    const name = /^ {2}([a-z-]+):$/.exec(line)?.[1];
    if (name !== undefined) job = name;
    const [, text] = pattern.exec(line) ?? [];
    return text === undefined ? [] : [`${job}: ${text}`];
  });
}

/** Expected permissions beyond reading the repository, by workflow. */
const WRITES: Readonly<Record<string, readonly string[]>> = {
  'ci.yml': [],
  'release.yml': ['publish: id-token: write'],
  'version.yml': ['pull-request: contents: write', 'pull-request: pull-requests: write'],
};

test('each workflow is one whose permissions are listed here', () => {
  expect(WORKFLOWS).toEqual(Object.keys(WRITES));
});

describe.each(WORKFLOWS)('the workflow %s', (workflow) => {
  test('pins each action to a full commit SHA, and names its version', () => {
    const uses = found(workflow, /uses:(.*)/);

    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((line) => !/: {2}[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  test('gives its jobs a token that reads the repository, and more only to the jobs that are listed here', () => {
    const top = lines(workflow)
      .join('\n')
      .split(/^jobs:$/m)[0];

    expect(top).toMatch(/^permissions:\n {2}contents: read\n\n/m);
    expect(found(workflow, /^\s+([a-z-]+: (?:write|write-all))$/)).toEqual(WRITES[workflow]);
    expect(found(workflow, /(permissions: *\S.*)/)).toEqual([]);
  });

  test('ends each job by a time limit', () => {
    const jobs = new Set(found(workflow, /^ {4}(runs-on):/));

    expect(jobs.size).toBeGreaterThan(0);
    expect(found(workflow, /^ {4}timeout-minutes: (\d+)$/)).toHaveLength(jobs.size);
  });

  test('runs no text of an event as code, nor the code of a fork with a token', () => {
    const expressions = found(workflow, /^\s*(.*\$\{\{.*)/);

    expect(expressions.filter((line) => !/: (?:- )?(group|cancel-in-progress|name|node-version): /.test(line))).toEqual(
      [],
    );
    expect(found(workflow, /(pull_request_target|workflow_run)/)).toEqual([]);
    expect(found(workflow, /(secrets\..*)/)).toEqual([]);
  });
});

test('the workflow ci.yml runs .ci/run and the packages for the oldest and the newest Node that is supported', () => {
  expect(found('ci.yml', /run: (.*)/)).toEqual([
    'linux: .ci/run',
    'linux: rm node_modules/.bin/node && npx --no-install jest test/tools/packages',
  ]);
  expect(found('ci.yml', /node: (.*)/)).toEqual(["linux: ['22', '24']"]);
});

test('the workflow release.yml packs after .ci/run has passed', () => {
  const runs = found('release.yml', /^\s+- run: (.*)/);

  expect(runs.slice(0, 2)).toEqual(['build: .ci/run', 'build: npm run package']);
});

test('no file of .github names a registry: the machine’s settings do', () => {
  const files = readdirSync(join(FOLDER, '..'), { recursive: true, withFileTypes: true }).filter((file) =>
    file.isFile(),
  );
  const texts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'));

  expect(texts.filter((text) => /registry|https?:/.test(text))).toEqual([]);
});
