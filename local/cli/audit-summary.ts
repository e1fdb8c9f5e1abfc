import type { Report } from '../audit/report';

/** The most findings that the summary prints: the report has all. */
const MOST = 10;

/** Returns what a report found, as lines for a terminal. */
export function summaryOf({ vaults, findings, lifecycle, changes }: Report): readonly string[] {
  const listed = findings.map(({ stack, resource, path, property, expected, got }) => {
    return `  ${[stack, resource || path, property].filter((text) => text !== '').join(' ')}: expected ${expected}, got ${got}`;
  });
  const problems = lifecycle.reduce((sum, { problems: each }) => sum + each.length, 0);
  return [
    ...vaults.flatMap(vaultLines),
    `Differences from the allow-list: ${findings.length}`,
    ...shortened(listed),
    ...(problems === 0 ? [] : [`Problems of the stacks' lifecycle: ${problems}`]),
    ...(changes === undefined
      ? []
      : [`Since the former report: ${changes.gained.length} permissions gained, ${changes.lost.length} lost, ${changes.verdicts.length} controls with another verdict`]), // prettier-ignore
  ];
}

function vaultLines({ environment, controls, reach }: Report['vaults'][number]): readonly string[] {
  const count = (wanted: string): number => controls.filter(({ verdict }) => verdict === wanted).length;
  const toMaterial = reach.ways.filter(({ reaches }) => reaches === 'material');
  const unseen = toMaterial.filter(({ alarms }) => alarms.length === 0).length;
  const failed = controls.filter(({ verdict }) => verdict === 'fails' || verdict === 'review');
  return [
    `${environment}: ${count('holds')} controls hold, ${count('review')} to review, ${count('fails')} fail, ${count('not applicable')} do not apply`,
    ...failed.map(({ verdict, id, title }) => `  ${verdict} ${id}: ${title}`),
    `  an administrator has ${toMaterial.length} indirect ways to material, ${unseen} of them without an alarm`,
  ];
}

function shortened(lines: readonly string[]): readonly string[] {
  const more = lines.length - MOST;
  return more <= 0 ? lines : [...lines.slice(0, MOST), `  and ${more} more: see the report`];
}
