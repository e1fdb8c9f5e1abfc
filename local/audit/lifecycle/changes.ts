import { isDeepStrictEqual } from 'node:util';
import { referencesIn } from './references';
import { type Replacement, replacementOf } from './replacement-properties';
import { type Removal, type Resource, resourcesOf, type TemplateJson } from './template';

/** The effect of an update on one logical id. */
export type ChangeAction = 'added' | 'removed' | 'replaced' | 'may be replaced' | 'updated';

export interface Change {
  readonly id: string;
  readonly type: string;
  readonly action: ChangeAction;
  /** The properties that cause it, by a changed text or because they refer to a replaced resource. */
  readonly properties: readonly string[];
  /** What CloudFormation does with the former physical resource, if the stack gives it up. */
  readonly former: Removal | undefined;
}

const NONE: ReadonlyMap<string, Change> = new Map();
const ACTIONS: Readonly<Record<Replacement, ChangeAction>> = {
  yes: 'replaced',
  maybe: 'may be replaced',
  no: 'updated',
};

/**
 * Returns CloudFormation's change of each resource that an update from one template to another affects. A reference to a
 * replaced resource counts as a change of the property that holds it, as in CloudFormation.
 */
export function changesBetween(before: TemplateJson, after: TemplateJson): readonly Change[] {
  const [former, next] = [resourcesOf(before), resourcesOf(after)];
  const changes = new Map<string, Change>();
  for (const resource of former.values()) {
    const other = next.get(resource.id);
    if (other?.type !== resource.type) changes.set(resource.id, removed(resource));
  }
  for (const resource of next.values()) if (!former.has(resource.id)) changes.set(resource.id, added(resource));
  // most updates replace nothing: references then cause no change, and need not be looked for
  let replacing = false;
  let known = -1;
  // each round finds the replacements that those of the previous round cause
  while (known !== weight(changes)) {
    known = weight(changes);
    for (const [id, resource] of former) {
      const other = next.get(id);
      if (other?.type !== resource.type) continue;
      const change = compare(resource, other, replacing ? changes : NONE);
      if (!change) continue;
      changes.set(id, change);
      replacing ||= isReplacement(change);
    }
  }
  return [...changes.values()];
}

function isReplacement({ action }: Change): boolean {
  return action === 'replaced' || action === 'may be replaced';
}

function weight(changes: ReadonlyMap<string, Change>): number {
  const points = { added: 1, removed: 1, updated: 1, 'may be replaced': 2, replaced: 3 } as const;
  return [...changes.values()].reduce((sum, { action }) => sum + points[action], 0);
}

function compare(before: Resource, after: Resource, changes: ReadonlyMap<string, Change>): Change | undefined {
  const causes = [...new Set([...Object.keys(before.properties), ...Object.keys(after.properties)])].flatMap((name) => {
    const replacement = causeOf(name, before, after, changes);
    return replacement ? [{ name, replacement }] : [];
  });
  const worst = (['yes', 'maybe', 'no'] as const).find((each) =>
    causes.some(({ replacement }) => replacement === each),
  );
  if (!worst) return undefined;
  return {
    id: before.id,
    type: before.type,
    action: ACTIONS[worst],
    properties: causes.filter(({ replacement }) => replacement === worst).map(({ name }) => name),
    former: worst === 'no' ? undefined : before.onReplace,
  };
}

/** Returns how a property takes part in a change; undefined if its value stays. */
function causeOf(
  name: string,
  { properties: before }: Resource,
  { type, properties: after }: Resource,
  changes: ReadonlyMap<string, Change>,
): Replacement | undefined {
  const replacement = replacementOf(type, name);
  if (!isDeepStrictEqual(before[name], after[name])) return replacement;
  if (changes.size === 0) return undefined;
  const actions = referencesIn(after[name]).map(({ id }) => changes.get(id)?.action);
  if (actions.includes('replaced')) return replacement;
  if (actions.includes('may be replaced')) return replacement === 'no' ? 'no' : 'maybe';
  return undefined;
}

function removed({ id, type, onDelete }: Resource): Change {
  return { id, type, action: 'removed', properties: [], former: onDelete };
}

function added({ id, type }: Resource): Change {
  return { id, type, action: 'added', properties: [], former: undefined };
}
