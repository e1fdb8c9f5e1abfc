import { describe, expect, test } from '@jest/globals';
import { fullDiff, ResourceImpact, type ResourceDifference } from '@aws-cdk/cloudformation-diff';
import { type Change, changesBetween } from '../../../../local/audit/lifecycle';
import { steps } from './case-templates';

/** The impacts of `cdk diff` in the words of the lifecycle rules. */
const SAME: ReadonlyMap<ResourceImpact, readonly string[]> = new Map([
  [ResourceImpact.WILL_CREATE, ['added']],
  [ResourceImpact.WILL_REPLACE, ['replaced']],
  // a reference to a resource that is certainly replaced replaces its owner as well
  [ResourceImpact.MAY_REPLACE, ['may be replaced', 'replaced']],
  [ResourceImpact.WILL_ORPHAN, ['removed, retained']],
  [ResourceImpact.WILL_DESTROY, ['removed, deleted']],
]);

/** One environment: the others have the same resources, fewer of them, and a comparison costs a second. */
const compared = steps().flatMap(({ environment, prop, change, before, after }) =>
  environment === 'prod' && 'template' in after
    ? [
        {
          name: `${prop}, ${change}`,
          changes: changesBetween(before, after.template),
          cdk: fullDiff(before, after.template).resources,
        },
      ]
    : [],
);

function words(change: Change | undefined): string {
  if (change?.action !== 'removed') return change?.action ?? 'unchanged';
  return change.former === 'deleted' ? 'removed, deleted' : 'removed, retained';
}

type Compared = (typeof compared)[number];

/** Returns the resources for which `cdk diff` expects a greater impact than the rules. */
function missed({ changes, cdk }: Compared): readonly string[] {
  const own = new Map(changes.map((change) => [change.id, change]));
  const found: string[] = [];
  cdk.forEachDifference((id: string, { changeImpact }: ResourceDifference) => {
    const said = words(own.get(id));
    if (!(SAME.get(changeImpact) ?? [said]).includes(said)) found.push(`${id}: ${changeImpact} and ${said}`);
  });
  return found;
}

/** Replacements that `cdk diff` does not see, though the text of the replacing property changed. */
function invented({ changes, cdk }: Compared): readonly string[] {
  const replaced = changes.filter(({ action }) => action === 'replaced');
  const beyond = replaced.filter(({ id, properties }) => {
    const difference = cdk.changes[id];
    const direct = properties.filter((property) => difference?.propertyUpdates[property]?.isDifferent);
    return direct.length > 0 && difference?.changeImpact !== ResourceImpact.WILL_REPLACE;
  });
  return beyond.map(({ id }) => id);
}

const all = (find: (one: Compared) => readonly string[]): readonly string[] =>
  compared.flatMap((one) => find(one).map((each) => `${one.name}: ${each}`));

describe('the changes that the lifecycle rules see', () => {
  test('are at least those that cdk diff sees', () => {
    expect(all(missed)).toEqual([]);
  });

  test('are, but for references to what is replaced, only those that cdk diff sees', () => {
    expect(all(invented)).toEqual([]);
  });
});
