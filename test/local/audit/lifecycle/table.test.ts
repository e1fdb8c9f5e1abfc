import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lifecycleTable, type Table } from '../../../../local/audit/lifecycle';
import { ADVICE, UNLISTED_EFFECTS } from '../../../../tools/lifecycle/advice';
import { withGenerated } from '../../../../tools/lifecycle/page';
import { steps } from './case-templates';
import reviewed from './reviewed/changes.json';

const table = lifecycleTable(steps());

describe('what a change of each prop replaces, deletes, orphans, renames or has refused', () => {
  test('is what was reviewed', () => {
    // after a review of the difference: npx --no-install tsx tools/lifecycle/main.ts
    expect(table).toEqual(reviewed);
  });

  test('comes with advice for every prop that has such an effect, and for no other', () => {
    const lasting = Object.keys(table).filter((prop) => effects(table, prop) > 0);

    expect(Object.keys(ADVICE).sort()).toEqual(lasting.sort());
  });

  test('comes with notes for props that change in place only', () => {
    const inPlace = Object.keys(table).filter((prop) => effects(table, prop) === 0);

    expect(Object.keys(UNLISTED_EFFECTS).filter((prop) => !inPlace.includes(prop))).toEqual([]);
  });
});

test('docs/changing.md has the reviewed table', () => {
  const page = readFileSync(join(__dirname, '..', '..', '..', '..', 'docs', 'changing.md'), 'utf8');

  expect(page).toBe(withGenerated(page, reviewed));
});

function effects(of: Table, prop: string): number {
  return Object.values(of[prop] ?? {})
    .flatMap((outcomes) => Object.values(outcomes))
    .flatMap((outcome) => Object.keys(outcome)).length;
}
