/** Values that stand in for each member in turn. */
const OTHERS: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    -1,
    0,
    1,
    1.5,
    501,
    Number.MAX_SAFE_INTEGER + 1,
    {},
    [],
    ['delegated-share', 'delegated-share'],
  ],
  ...['', 'x', ' x', 'x ', 'a\nb', '\u0000', 'a\u200bb', 'a\u2028b', 'EVM', 'evm', 'Eip155:1', 'eip155:1', 'EVM-', 'ſ'],
  ...['x'.repeat(201), 'x'.repeat(256), 'x'.repeat(65), 'A'.repeat(22), 'A'.repeat(43), `${'A'.repeat(42)}B`],
  ...[
    '0'.repeat(64),
    'F'.repeat(64),
    '2026-01-31T12:00:00.000Z',
    '2026-01-31T12:00:00Z',
    'delegated-share',
    'NotFound',
  ],
];

/** Returns variants of a value: a member or item missing, replaced, or added, at any depth. */
export function changesOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return changesOfList(value);
  return typeof value === 'object' && value !== null ? changesOfObject({ ...value }) : [];
}

function changesOfObject(value: Readonly<Record<string, unknown>>): readonly unknown[] {
  const own = Object.entries(value).flatMap(([name, member]) => {
    const without = Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
    return [without, ...[...OTHERS, ...changesOf(member)].map((other) => ({ ...value, [name]: other }))];
  });
  return [{ ...value, another: 'member' }, ...own];
}

function changesOfList(value: readonly unknown[]): readonly unknown[] {
  return value.flatMap((item, at) => [
    value.toSpliced(at, 1),
    ...[...OTHERS, ...changesOf(item)].map((other) => value.with(at, other)),
  ]);
}
