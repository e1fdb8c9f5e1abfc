import { readFileSync } from 'node:fs';
import { isObject, type JsonObject } from '../../../../local/audit/json';
import { Incremental } from './incremental';
import { mutantsOf } from './mutants';

/** Results for the mutants of one template, and of the template without one of its parts. */
export interface Outcome {
  readonly count: number;
  readonly survivors: readonly string[];
  /** Mutants that the audit of one resource and that of the template do not agree on. */
  readonly disputed: readonly string[];
  readonly unnoticedResources: readonly string[];
  readonly outputs: number;
  readonly unnoticedOutputs: readonly string[];
}

/** One mutant in so many is compared with an audit of the whole template. */
const COMPARED = 211;

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

/** Tries every mutant of every resource of an environment's vault that no environment before it has. */
function tryAll(environment: string, template: JsonObject): Outcome {
  const audit = new Incremental(template);
  const byType = Map.groupBy(audit.members, ({ resource }) => resource.type);
  const fresh = audit.members.filter(({ resource }) => isNew(environment, resource.body));
  const all = fresh.flatMap(({ name, resource }) => {
    const others = [...(byType.get(resource.type) ?? []), ...audit.members.slice(0, 1)].map((each) => each.resource.id);
    return [...mutantsOf(resource.body, others)].map(({ what, body }) => ({ id: resource.id, at: `${name} ${what}`, body })); // prettier-ignore
  });
  const compared = all.filter((_, i) => i % COMPARED === 0);
  const outputs = audit.members.flatMap(({ resource: { id, type } }) => (type === 'Output' ? [id.slice(8)] : []));
  return {
    count: all.length,
    survivors: all.filter(({ id, body }) => !audit.finds(id, body)).map(({ at }) => at),
    disputed: compared.filter(({ id, body }) => audit.finds(id, body) !== audit.findsChanged(id, body)).map(({ at }) => at), // prettier-ignore
    unnoticedResources: environment === 'prod' ? Object.keys(resourcesOf(template)).filter((id) => !audit.findsWithout(id)) : [], // prettier-ignore
    outputs: outputs.length,
    unnoticedOutputs: outputs.filter((name) => !audit.findsWithoutOutput(name)),
  };
}

function resourcesOf({ Resources }: JsonObject): JsonObject {
  return isObject(Resources) ? Resources : {};
}

// In a process of its own: the memory that tens of thousands of mutants took goes with it.
const outcomes = process.argv.slice(2).map((argument) => {
  const [environment = '', file = ''] = argument.split('=');
  return [environment, tryAll(environment, JSON.parse(readFileSync(file, 'utf8')) as JsonObject)] as const;
});
process.stdout.write(JSON.stringify(Object.fromEntries(outcomes)));
