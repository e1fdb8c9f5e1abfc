import type { PlaceholderData, Placeholders } from './placeholders';

/** A value that a placeholder matched, and its property. */
export interface Binding {
  readonly name: string;
  readonly value: string;
  readonly property: string;
}

/** A value that a placeholder matched in one resource. */
export interface Bound extends Binding {
  readonly id: string;
}

export interface Inconsistency extends Bound {
  readonly expected: string;
}

/** Finds values that differ from the same placeholder's value elsewhere; for a distinct one, equal values. */
export function inconsistenciesOf(bound: readonly Bound[], placeholders: Placeholders): readonly Inconsistency[] {
  return [...Map.groupBy(bound, ({ name }) => name)].flatMap(([name, bindings]) => {
    const byValue = Map.groupBy(bindings, ({ value }) => value);
    if (placeholders.get(name.split(' ')[0] ?? '').distinct) {
      const again = [...byValue.values()].flatMap((each) => each.filter(({ id }) => id !== each[0]?.id));
      return again.map((each) => ({ ...each, expected: `another ${name} than ${each.value}` }));
    }
    const [common = ''] = [...byValue].sort(([a, m], [b, n]) => n.length - m.length || (a < b ? -1 : 1))[0] ?? [];
    const derived = derivedOf(placeholders.get(name.split(' ')[0] ?? ''), bound);
    if (derived !== undefined && derived !== common)
      return bindings.map((each) => ({ ...each, expected: `${derived} for the rest of the vault` }));
    const expected = `the ${name} of the rest of the vault, ${common}`;
    return bindings.filter(({ value }) => value !== common).map((each) => ({ ...each, expected }));
  });
}

/** Returns the one value that a number can have because of another number of the vault. */
function derivedOf({ secondsAbove, times }: PlaceholderData, bound: readonly Bound[]): string | undefined {
  const of = (name: string | undefined) => bound.find((each) => each.name === name)?.value;
  const milliseconds = of(secondsAbove);
  if (milliseconds !== undefined) return String(Math.floor(Number(milliseconds) / 1_000) + 1);
  const base = of(times?.of);
  return base === undefined || times === undefined ? undefined : String(Number(base) * times.by);
}
