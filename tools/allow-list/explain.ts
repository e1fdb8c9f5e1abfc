import type { Features } from '../../local/audit/shape';

export type FeatureValues = Readonly<Record<string, string>>;

/** Something that was seen in a vault with certain features. */
export interface ObservedKey {
  readonly features: FeatureValues;
  readonly key: string;
}

/** The most features that may explain a difference. */
const MOST = 3;
/** Features that say nothing of the vault itself: they explain a difference if no others do. */
const LAST: readonly string[] = ['environment', 'identityEvents'];

/**
 * Finds the fewest features that decide the observed keys, and returns the sets of features that each key was seen with.
 * Returns undefined if no `MOST` features decide them.
 */
export function explain(observedKeys: readonly ObservedKey[]): ReadonlyMap<string, readonly Features[]> | undefined {
  const keys = [...new Set(observedKeys.map(({ key }) => key))];
  const id = observedKeys.map(({ features, key }) => `${JSON.stringify(features)} ${keys.indexOf(key)}`).join('\n');
  let known = EXPLAINED.get(id);
  if (known === undefined) EXPLAINED.set(id, (known = { decided: search(observedKeys), keys }));
  if (known.decided === undefined) return undefined;
  const { decided, keys: before } = known;
  return new Map([...decided].map(([key, features]) => [keys[before.indexOf(key)] ?? '', features]));
}

/** A cache: most differences are seen in the same vaults as others. */
const EXPLAINED = new Map<
  string,
  { readonly decided: ReadonlyMap<string, readonly Features[]> | undefined; readonly keys: readonly string[] }
>();

function search(observedKeys: readonly ObservedKey[]): ReadonlyMap<string, readonly Features[]> | undefined {
  const names = Object.keys(observedKeys[0]?.features ?? {}).sort(
    (a, b) => Number(LAST.includes(a)) - Number(LAST.includes(b)) || (a < b ? -1 : 1),
  );
  for (let size = 0; size <= MOST; size += 1) {
    for (const subset of subsets(names, size)) {
      const explained = decidedBy(subset, observedKeys);
      if (explained) return explained;
    }
  }
  return undefined;
}

function decidedBy(
  names: readonly string[],
  observedKeys: readonly ObservedKey[],
): ReadonlyMap<string, readonly Features[]> | undefined {
  const decided = new Map<string, { key: string; features: Record<string, string> }>();
  for (const { features, key } of observedKeys) {
    const chosen = Object.fromEntries(names.map((name) => [name, features[name] ?? '']));
    const id = JSON.stringify(chosen);
    const known = decided.get(id);
    if (known && known.key !== key) return undefined;
    decided.set(id, { key, features: chosen });
  }
  const byKey = new Map<string, Record<string, string>[]>();
  for (const { key, features } of decided.values()) byKey.set(key, [...(byKey.get(key) ?? []), features]);
  return new Map([...byKey].map(([key, each]) => [key, joined(each)]));
}

/** Writes sets that differ in one feature as one set with a list for it. */
function joined(sets: readonly Features[]): readonly Features[] {
  let result = [...sets];
  for (const name of Object.keys(sets[0] ?? {})) {
    const groups = Map.groupBy(result, (each) => JSON.stringify({ ...each, [name]: '' }));
    result = [...groups.values()].map((group) => {
      const values = [...new Set(group.flatMap((each) => [each[name] ?? ''].flat()))].sort();
      return { ...group[0], [name]: values.length === 1 ? (values[0] ?? '') : values };
    });
  }
  return result.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function subsets(names: readonly string[], size: number): readonly (readonly string[])[] {
  if (size === 0) return [[]];
  return names.flatMap((name, i) => subsets(names.slice(i + 1), size - 1).map((rest) => [name, ...rest]));
}
