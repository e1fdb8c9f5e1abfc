import { maskId } from '../plain';
import { type Effects, effectsOf } from './effects';
import { resourcesOf, type TemplateJson } from './template';

/** A synthesized vault, or the message of the synth that refuses its props. */
export type Synthesized = { readonly template: TemplateJson } | { readonly refused: string };

/** The change of one prop of a deployed vault, in one environment. */
export interface Step {
  readonly prop: string;
  readonly change: string;
  readonly environment: string;
  readonly before: TemplateJson;
  readonly after: Synthesized;
}

/** The effects of one step, or the message of the synth that refuses it. */
export type Outcome = Effects | { readonly synth: string };

/** The outcome of each change of each prop: prop, change, environments, outcome. */
export type Table = Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Outcome>>>>>>;

/** Returns the table of some steps. Environments with the same outcome share an entry; one without effects is empty. */
export function lifecycleTable(steps: readonly Step[]): Table {
  const environments = new Set(steps.map(({ environment }) => environment)).size;
  const byProp = Map.groupBy(steps, ({ prop }) => prop);
  return Object.fromEntries(
    [...byProp].map(([prop, ofProp]) => [
      prop,
      Object.fromEntries(
        [...Map.groupBy(ofProp, ({ change }) => change)].map(([change, same]) => [
          change,
          byEnvironments(same, environments),
        ]),
      ),
    ]),
  );
}

function byEnvironments(same: readonly Step[], environments: number): Readonly<Record<string, Outcome>> {
  const outcomes = same.map((step) => ({ step, outcome: outcomeOf(step) }));
  const grouped = Map.groupBy(outcomes, ({ outcome }) => JSON.stringify(outcome));
  return Object.fromEntries(
    [...grouped.values()].flatMap((group) => {
      const names = group.map(({ step }) => step.environment);
      const key = names.length === environments ? 'all' : names.join(', ');
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
