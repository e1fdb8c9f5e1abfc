import { effectsOf, type Effects, resourcesOf, type TemplateJson } from './';
import { maskId } from '../../../test/support/policies';
import { ENVIRONMENTS, type Step, steps } from '../../../test/local/audit/lifecycle/case-templates';

/** The effects of one step, or the message with which the synth refuses it. */
export type Outcome = Effects | { readonly synth: string };

/** What each change of each prop does in which environments: prop, change, environments, outcome. */
export type Table = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Outcome>>>>>>;

/** Returns the table of all steps. Environments with the same outcome share an entry; one without effects is empty. */
export function lifecycleTable(): Table {
  const byProp = Map.groupBy(steps(), ({ prop }) => prop);
  return Object.fromEntries(
    [...byProp].map(([prop, ofProp]) => [
      prop,
      Object.fromEntries(
        [...Map.groupBy(ofProp, ({ change }) => change)].map(([change, same]) => [change, byEnvironments(same)]),
      ),
    ]),
  );
}

function byEnvironments(same: readonly Step[]): Readonly<Record<string, Outcome>> {
  const outcomes = same.map((step) => ({ step, outcome: outcomeOf(step) }));
  const grouped = Map.groupBy(outcomes, ({ outcome }) => JSON.stringify(outcome));
  return Object.fromEntries(
    [...grouped.values()].flatMap((group) => {
      const names = group.map(({ step }) => step.environment);
      const key = names.length === ENVIRONMENTS.length ? 'all' : names.join(', ');
      return group[0] ? [[key, group[0].outcome] as const] : [];
    }),
  );
}

function outcomeOf({ before, after, environment }: Step): Outcome {
  if ('refused' in after) return { synth: after.refused };
  return named(effectsOf(before, after.template), { ...types(after.template), ...types(before) }, environment);
}

function types(template: TemplateJson): Readonly<Record<string, string>> {
  return Object.fromEntries([...resourcesOf(template).values()].map(({ id, type }) => [id, type]));
}

/** Logical ids without hashes, each after its type; one entry an id, since a readers' list is the same each time. */
function named(effects: Effects, typeOf: Readonly<Record<string, string>>, environment: string): Effects {
  const name = (entry: string): string => {
    const [id = '', ...problem] = entry.split(': ');
    const type = (typeOf[id] ?? '').replace(/^AWS::/, '');
    const masked = problem.join(': ').replace(/\b\w+[0-9A-F]{8}\b/g, maskId);
    return [`${type} ${maskId(id)}`, ...(masked === '' ? [] : [masked])].join(': ').replaceAll(environment, 'NAME');
  };
  return Object.fromEntries(
    Object.entries(effects).map(([kind, entries]) => [kind, (entries as readonly string[]).map(name).sort()]),
  );
}
