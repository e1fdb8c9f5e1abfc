import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isObject, type JsonObject } from '../../../local/audit/json';
import { environmentFile, environmentTemplate } from '../../support/environment-template';
import { HARMLESS, harmlessness } from './fresh/harmless';
import { Incremental } from './fresh/incremental';
import { INTRUDERS } from './fresh/intruders';
import type { Outcome } from './fresh/run';

const ENVIRONMENTS = ['prod', 'staging', 'dev'] as const;
const MODULE = join(__dirname, 'fresh', 'run.ts');

function tryAll(): Readonly<Record<string, Outcome>> {
  const files = ENVIRONMENTS.map((name) => `${name}=${environmentFile(name)}`);
  const options = { encoding: 'utf8', maxBuffer: 2 ** 27 } as const;
  return JSON.parse(execFileSync(process.execPath, ['--import', 'tsx', MODULE, ...files], options)) as Record<string, Outcome>; // prettier-ignore
}

const OUTCOMES = Object.entries(tryAll());
const SURVIVORS = OUTCOMES.flatMap(([, { survivors }]) => survivors);

describe('a mechanical change of one resource', () => {
  test.each(OUTCOMES)('of %s is found unless it is harmless', (_, { count, survivors }) => {
    expect(count).toBeGreaterThan(0);
    expect(survivors.filter((at) => harmlessness(at) === undefined)).toEqual([]);
  });

  test('is tried many thousand times', () => {
    expect(OUTCOMES.reduce((sum, [, { count }]) => sum + count, 0)).toBeGreaterThan(15_000);
  });

  test.each(HARMLESS)('may be one $at: $why', ({ at }) => {
    expect(SURVIVORS.some((each) => new RegExp(at).test(each))).toBe(true);
  });

  test('is found by the audit of one resource if and only if it is found by the audit of the template', () => {
    expect(OUTCOMES.flatMap(([, { disputed }]) => disputed)).toEqual([]);
  });
});

describe.each(OUTCOMES)('%s', (_, { unnoticedResources, outputs, unnoticedOutputs }) => {
  test('has no resource that may be taken away unnoticed', () => {
    expect(unnoticedResources).toEqual([]);
  });

  test('has no output that may be taken away unnoticed', () => {
    expect(outputs).toBeGreaterThan(8);
    expect(unnoticedOutputs).toEqual([]);
  });
});

describe('prod', () => {
  const template = environmentTemplate('prod') as unknown as JsonObject;
  const audit = new Incremental(template);
  const ids = new Map(audit.members.map(({ name, resource }) => [name, resource.id]));
  const to = (path: string) => ids.get(path) ?? `no ${path}`;

  test.each(Object.keys(INTRUDERS))('with %s is found', (name) => {
    const intruder = INTRUDERS[name]?.(to) ?? { Type: '', Properties: {} };

    expect(JSON.stringify(intruder)).not.toContain('"no ');
    expect(audit.findsOutside('Intruder', intruder)).toBe(true);
  });

  test('with a resource of somebody else is the same to the audit of one resource and to that of the template', () => {
    const bucket = { Type: 'AWS::S3::Bucket', Properties: {} };
    const alias = INTRUDERS['an alias of a key']?.(to) ?? bucket;
    const resources = isObject(template.Resources) ? template.Resources : {};

    expect([bucket, alias].map((body) => audit.findsOutside('Intruder', body))).toEqual([false, true]);
    expect([bucket, alias].map((body) => audit.findsWhole({ ...resources, Intruder: body }))).toEqual([false, true]);
  });
});
