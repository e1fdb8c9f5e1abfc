import { percentile, ratio, takeTurns } from '../harness/measure';
import type { Ratio, Row, Table } from '../harness/table';
import { PROCESSOR_SHARE, type Quota } from './quota';
import { type FirstCall, type Start, startBundle } from './start';

/** Of the load of a default-bundled handler with the AWS Encryption SDK and pg. */
const MOST_LOAD = 0.4;

export interface One {
  readonly own: string;
  readonly baseline: string;
  readonly call: FirstCall;
  readonly quota: Quota;
  /** folder for V8's compile cache @default - without it */
  readonly compileCache?: string;
  readonly rounds: number;
}

/** Compares the cold start of `unseal` with that of the baseline, each in a fresh process under the quota, in turns. */
export async function oneColdStart({ own, baseline, rounds, ...options }: One): Promise<Table> {
  const found: Record<'own' | 'baseline', Start[]> = { own: [], baseline: [] };
  const way = (name: 'own' | 'baseline', file: string) => async () => {
    const start = await startBundle(file, options);
    found[name].push(start);
    return start.loadMs;
  };
  // the first ones fill the caches of the file system, and V8's
  const warmUp = 1;
  const ways = { own: way('own', own), baseline: way('baseline', baseline) };
  await takeTurns(ways, { warmUp, rounds });
  const [mine, others] = [found.own.slice(warmUp), found.baseline.slice(warmUp)];
  const cache = options.compileCache === undefined ? '' : '/compiled';
  const compare = (id: string, of: (start: Start) => number, goal?: Ratio['goal']): Ratio =>
    ratio({ id: `cold/${id}${cache}`, heading: id, ...(goal && { goal }) }, mine.map(of), others.map(of));
  const goal = cache === '' ? { atMost: MOST_LOAD } : undefined;
  return {
    title: `Cold start of unseal${cache && ' with V8’s compile cache'}, ${options.quota.name} (ms)`,
    columns: ['load', 'processor', 'first call', 'processor', 'both'],
    rows: [
      row('default bundle: ESDK and pg', others),
      {
        ...row('vault', mine),
        ratios: [
          compare('load', effective('load', options.quota), goal),
          compare('first call', effective('call', options.quota)),
          compare('both', (start) => effective('load', options.quota)(start) + effective('call', options.quota)(start)),
        ],
      },
    ],
    notes: ['Start of Node not included: it is the same for both. Ratios: vault / default bundle.'],
  };
}

/** Without a quota, a function's time is estimated: processor time, divided by its share of a processor. */
function effective(part: 'load' | 'call', { joins }: Quota): (start: Start) => number {
  return (start) => (joins.length > 0 ? start[`${part}Ms`] : start[`${part}CpuMs`] / PROCESSOR_SHARE);
}

function row(label: string, starts: readonly Start[]): Row {
  const median = (of: (start: Start) => number): number => percentile(starts.map(of), 50);
  return {
    label,
    cells: [
      median(({ loadMs }) => loadMs),
      median(({ loadCpuMs }) => loadCpuMs),
      median(({ callMs }) => callMs),
      median(({ callCpuMs }) => callCpuMs),
      median(({ loadMs, callMs }) => loadMs + callMs),
    ],
  };
}
