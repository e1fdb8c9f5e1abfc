import type { Changes, Report, StackFinding } from './schema';

type Allowed = Changes['gained'][number];

/** Returns what changed since a former report, in the order of the newer one. */
export function changesSince(former: Omit<Report, 'changes'>, now: Omit<Report, 'changes'>): Changes {
  const [before, after] = [allowedIn(former), allowedIn(now)];
  const verdicts = new Map(
    former.vaults.flatMap(({ environment, controls }) =>
      controls.map(({ id, verdict }) => [`${environment} ${id}`, verdict] as const),
    ),
  );
  return {
    gained: missingFrom(before, after),
    lost: missingFrom(after, before),
    verdicts: now.vaults.flatMap(({ environment, controls }) =>
      controls.flatMap(({ id: control, verdict }) => {
        const was = verdicts.get(`${environment} ${control}`);
        return was === verdict ? [] : [{ environment, control, before: was ?? 'none', after: verdict }];
      }),
    ),
    newFindings: missingFrom(former.findings, now.findings),
    goneFindings: missingFrom(now.findings, former.findings),
  };
}

function allowedIn({ vaults }: Pick<Report, 'vaults'>): readonly Allowed[] {
  return vaults.flatMap(({ environment, access }) =>
    access.decisions
      .filter(({ result }) => result === 'allowed')
      .map(({ principal, request }) => ({ environment, principal, request })),
  );
}

/** Returns those of a second list that a first one lacks. */
function missingFrom<T extends Allowed | StackFinding>(first: readonly T[], second: readonly T[]): T[] {
  const known = new Set(first.map((each) => JSON.stringify(each)));
  return second.filter((each) => !known.has(JSON.stringify(each)));
}
