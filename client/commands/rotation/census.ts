import type { CensusGroup } from '../../../lambda/contract/responses';
import type { Context, Values } from '../command';
import { withVault } from '../data/vault';
import { EXIT, type ExitCode } from '../exit-codes';
import { printJson } from '../output';
import { printable } from '../printable';
import { type Target, isCurrent, targetOf } from './target';

/** How much of a vault is on the current material. */
export interface Share {
  readonly records: number;
  readonly current: number;
  /** ISO 8601: when the oldest record was made that is not on the current material */
  readonly oldestStale?: string;
}

/** Counts the records of a census, and those of the target. */
export function shareOf(groups: readonly CensusGroup[], target: Target): Share {
  const [current, stale] = [true, false].map((wanted) => groups.filter((group) => isCurrent(group, target) === wanted));
  const count = (list: readonly CensusGroup[] = []): number => list.reduce((sum, { records }) => sum + records, 0);
  const [oldestStale] = (stale ?? []).map(({ oldest }) => oldest).sort();
  return { records: count(groups), current: count(current), ...(oldestStale !== undefined && { oldestStale }) };
}

/** In percent, cut after one decimal: 99.9 is never shown as 100. */
export function percentOf({ records, current }: Share): number {
  return records === 0 ? 100 : Math.floor((1000 * current) / records) / 10;
}

export async function runCensus(context: Context, values: Values): Promise<ExitCode> {
  return withVault(context, values, 'audit', async (vault) => {
    const target = await targetOf(context, vault);
    const { groups } = await vault.census();
    const share = target && shareOf(groups, target);
    if (values.json === true) printJson(context.stdout, jsonOf(groups, target, share));
    else context.stdout.write(`${[...tableOf(groups, target), '', ...summaryOf(target, share)].join('\n')}\n`);
    const isDone = target?.isCertain === true && share !== undefined && share.current === share.records;
    return values['require-current'] === true && !isDone ? EXIT.failed : EXIT.done;
  });
}

function jsonOf(groups: readonly CensusGroup[], target: Target | undefined, share: Share | undefined): object {
  if (target === undefined || share === undefined) return { groups };
  return {
    groups: groups.map((group) => ({ ...group, current: isCurrent(group, target) })),
    target,
    ...share,
    percent: percentOf(share),
  };
}

/** Returns the groups below the key that they are of: an ARN is too long for a column. At most 80 columns. */
function tableOf(groups: readonly CensusGroup[], target: Target | undefined): readonly string[] {
  if (groups.length === 0) return ['no records'];
  const byKey = Map.groupBy(groups, ({ keyId }) => keyId);
  return [...byKey].flatMap(([keyId, list], index) => [
    ...(index === 0 ? [] : ['']),
    printable(keyId),
    `  ${row(['kind', 'material', 'records', 'superseded', 'oldest'])}`,
    ...list.map((group) => `  ${row(cellsOf(group))}${target && isCurrent(group, target) ? '  current' : ''}`),
  ]);
}

function cellsOf({ kind, keyMaterialId, records, superseded, oldest }: CensusGroup): readonly string[] {
  const material = keyMaterialId === undefined ? 'unknown' : `${keyMaterialId.slice(0, 8)}…`;
  return [kind, printable(material), String(records), String(superseded), printable(oldest.slice(0, 10))];
}

function row([kind = '', material = '', records = '', superseded = '', oldest = '']: readonly string[]): string {
  return [kind.padEnd(17), material.padEnd(9), records.padStart(10), superseded.padStart(10), oldest].join('  ');
}

function summaryOf(target: Target | undefined, share: Share | undefined): readonly string[] {
  if (target === undefined || share === undefined) {
    return ['The current material is unknown: no reseal has run, and AWS named none.'];
  }
  const { records, current, oldestStale } = share;
  return [
    `${percentOf(share)} % on the current material: ${current} of ${records} records, by ${target.source}`,
    ...(oldestStale === undefined ? [] : [`the oldest of the others was made on ${printable(oldestStale)}`]),
  ];
}
