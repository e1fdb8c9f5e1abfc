import type { Placeholders } from './placeholders';

/** A value that stood for a placeholder, and where. */
export interface Binding {
  readonly name: string;
  readonly value: string;
  readonly property: string;
}

/** A value that stood for a placeholder in one resource. */
export interface Bound extends Binding {
  readonly id: string;
}

export interface Inconsistency extends Bound {
  readonly expected: string;
}

/** Finds values that differ from what the same placeholder stands for elsewhere; for a distinct one, that are the same. */
export function inconsistenciesOf(bound: readonly Bound[], placeholders: Placeholders): readonly Inconsistency[] {
  return [...Map.groupBy(bound, ({ name }) => name)].flatMap(([name, bindings]) => {
    const byValue = Map.groupBy(bindings, ({ value }) => value);
    if (placeholders.get(name.split(' ')[0] ?? '').distinct) {
      const again = [...byValue.values()].flatMap((each) => each.filter(({ id }) => id !== each[0]?.id));
      return again.map((each) => ({ ...each, expected: `another ${name} than ${each.value}` }));
    }
    const [common = ''] = [...byValue].sort(([a, m], [b, n]) => n.length - m.length || (a < b ? -1 : 1))[0] ?? [];
    const { secondsAbove } = placeholders.get(name.split(' ')[0] ?? '');
    const below = bound.find((each) => each.name === secondsAbove);
    const seconds = below && String(Math.floor(Number(below.value) / 1_000) + 1);
    if (seconds !== undefined && seconds !== common)
      return bindings.map((each) => ({ ...each, expected: `${seconds}, above the ${secondsAbove}` }));
    const expected = `the ${name} of the rest of the vault, ${common}`;
    return bindings.filter(({ value }) => value !== common).map((each) => ({ ...each, expected }));
  });
}
