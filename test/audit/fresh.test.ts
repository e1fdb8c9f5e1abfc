import { describe, expect, test } from '@jest/globals';
import { isObject, type JsonObject } from '../../local/audit/json';
import { environmentTemplate } from '../support/environment-template';
import { HARMLESS, harmlessness } from './fresh/harmless';
import { Incremental } from './fresh/incremental';
import { INTRUDERS } from './fresh/intruders';
import { mutantsOf } from './fresh/mutants';

const ENVIRONMENTS = ['prod', 'staging', 'dev'] as const;

const load = (environment: (typeof ENVIRONMENTS)[number]) => environmentTemplate(environment) as unknown as JsonObject;
const resourcesOf = ({ Resources }: JsonObject) => (isObject(Resources) ? Resources : {});

/** Resources of environments that differ in the environment's name only have the same mutants. */
const seen = new Set<string>();

function isNew(environment: string, body: JsonObject): boolean {
  const text = JSON.stringify(body)
    .replaceAll(environment, 'ENVIRONMENT')
    .replace(/[0-9a-f]{32,64}/g, '');
  const fresh = !seen.has(text);
  seen.add(text);
  return fresh;
}

/** Every mutant of every resource of an environment's vault that no environment before it has. */
function mutants(environment: (typeof ENVIRONMENTS)[number]) {
  const template = load(environment);
  const audit = new Incremental(template);
  const byType = Map.groupBy(audit.members, ({ resource }) => resource.type);
  const fresh = audit.members.filter(({ resource }) => isNew(environment, resource.body));
  const all = fresh.flatMap(({ name, resource }) => {
    const others = [...(byType.get(resource.type) ?? []), ...audit.members.slice(0, 1)].map((each) => each.resource.id);
    return [...mutantsOf(resource.body, others)].map(({ what, body }) => ({ id: resource.id, at: `${name} ${what}`, body })); // prettier-ignore
  });
  return { template, audit, all, survivors: all.filter(({ id, body }) => !audit.finds(id, body)).map(({ at }) => at) };
}

const MUTANTS = new Map(ENVIRONMENTS.map((environment) => [environment, mutants(environment)] as const));

describe('a mechanical change of one resource', () => {
  test.each([...MUTANTS])('of %s is found unless it is harmless', (_, { all, survivors }) => {
    expect(all).not.toEqual([]);
    expect(survivors.filter((at) => harmlessness(at) === undefined)).toEqual([]);
  });

  test('is tried many thousand times', () => {
    expect([...MUTANTS.values()].flatMap(({ all }) => all).length).toBeGreaterThan(15_000);
  });

  test.each(HARMLESS)('may be one $at: $why', ({ at }) => {
    const survivors = [...MUTANTS.values()].flatMap((each) => each.survivors);

    expect(survivors.some((each) => new RegExp(at).test(each))).toBe(true);
  });

  test('is found by the audit of one resource if and only if it is found by the audit of the template', () => {
    const { audit, all } = MUTANTS.get('prod') ?? mutants('prod');
    const some = all.filter((_, i) => i % 211 === 0);

    const whole = some.map(({ id, body }) => audit.findsChanged(id, body));

    expect(some.map(({ id, body }) => audit.finds(id, body))).toEqual(whole);
  });
});

describe('prod', () => {
  const template = load('prod');
  const audit = new Incremental(template);
  const ids = new Map(audit.members.map(({ name, resource }) => [name, resource.id]));
  const to = (path: string) => ids.get(path) ?? `no ${path}`;

  test('has no resource that may be taken away unnoticed', () => {
    const unnoticed = Object.keys(resourcesOf(template)).filter((id) => {
      const { [id]: _, ...rest } = resourcesOf(template);
      return !audit.findsWhole(rest);
    });

    expect(unnoticed).toEqual([]);
  });

  test('has no output that may be taken away unnoticed', () => {
    const outputs = audit.members.flatMap(({ resource: { id, type } }) => (type === 'Output' ? [id.slice(8)] : []));

    expect(outputs.length).toBeGreaterThan(8);
    expect(outputs.filter((name) => !audit.findsWithoutOutput(name))).toEqual([]);
  });

  test.each(Object.keys(INTRUDERS))('with %s is found', (name) => {
    const intruder = INTRUDERS[name]?.(to) ?? { Type: '', Properties: {} };

    expect(JSON.stringify(intruder)).not.toContain('"no ');
    expect(audit.findsOutside('Intruder', intruder)).toBe(true);
  });

  test('with a resource of somebody else is the same to the audit of one resource and to that of the template', () => {
    const bucket = { Type: 'AWS::S3::Bucket', Properties: {} };
    const alias = INTRUDERS['an alias of a key']?.(to) ?? bucket;
    const resources = resourcesOf(template);

    expect([bucket, alias].map((body) => audit.findsOutside('Intruder', body))).toEqual([false, true]);
    expect([bucket, alias].map((body) => audit.findsWhole({ ...resources, Intruder: body }))).toEqual([false, true]);
  });
});
