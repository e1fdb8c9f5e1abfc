import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Bench, Settings } from './harness/bench';
import { percentile, ratio, takeTurns } from './harness/measure';
import type { Ratio, Row, Table } from './harness/table';
import { BASE, CHOICES, QUICK_CHOICES } from './synth/choices';
import type { Subject, Synthesis } from './synth/process';
import type { Sizes } from './synth/sizes-process';
import { QUOTAS, type TemplateSize } from './synth/template-size';

const SUBJECTS = ['vault', 'bare'] as const;
/** Types of a template that are most of it. */
const MOST = 12;

/**
 * Compares the processor time of synthesizing the three environments with that of an app that creates the same resources
 * with the CDK's own constructs: the cost of the vault's policies, checks and parts. Also counts resources and bytes, since CloudFormation limits both.
 */
export const synthBench: Bench = {
  name: 'synth',
  run: async ({ quick, progress }) => {
    const rounds = await synthesizeInTurn(quick ? 1 : 5, progress);
    progress('options');
    const sizes = await inProcess<Sizes>('sizes-process.ts', ...(quick ? QUICK_CHOICES : Object.keys(CHOICES)));
    const { stacks } = rounds.vault[0] ?? { stacks: [] };
    return [times(rounds), environments(stacks), options(sizes), types(stacks)];
  },
};

type Syntheses = Readonly<Record<Subject, readonly Synthesis[]>>;

async function synthesizeInTurn(rounds: number, progress: Settings['progress']): Promise<Syntheses> {
  const made: Record<Subject, Synthesis[]> = { vault: [], bare: [] };
  const way = (subject: Subject) => async (): Promise<number> => {
    const synthesis = await inProcess<Synthesis>('process.ts', subject);
    made[subject].push(synthesis);
    return synthesis.cpuMs;
  };
  const done = (round: number, of: number): void => progress(`round ${round + 1} of ${of}`);
  await takeTurns({ vault: way('vault'), bare: way('bare') }, { warmUp: 0, rounds }, done);
  return made;
}

function times(rounds: Syntheses): Table {
  const of = (subject: Subject, key: 'cpuMs' | 'synthMs'): number[] => rounds[subject].map((each) => each[key]);
  const rows = SUBJECTS.map((subject): Row => {
    const cells = (['cpuMs', 'synthMs'] as const).map((key) => percentile(of(subject, key), 50) / 1_000);
    if (subject === 'bare') return { label: 'bare constructs', cells };
    const versus = (key: 'cpuMs' | 'synthMs', id: string, heading: string): Ratio =>
      ratio({ id: `synth/${id}`, heading, goal: { atMost: 1.3 } }, of('vault', key), of('bare', key));
    const ratios = [
      versus('cpuMs', 'process', 'process, vault / bare'),
      versus('synthMs', 'synthesis', 'vault / bare'),
    ];
    return { label: 'the vault', cells, ratios };
  });
  return {
    title: 'Synthesis of three environments, seconds of processor time',
    columns: ['whole process', 'synthesis'],
    rows,
    notes: ['bare: the same resources by the constructs of the CDK with defaults, without policies and checks'],
  };
}

function environments(stacks: Synthesis['stacks']): Table {
  return {
    title: `Templates of cdk.json: resources (of ${QUOTAS.resources}) and bytes (of ${grouped(QUOTAS.bytes)}, directly of ${grouped(QUOTAS.directBytes)})`,
    columns: ['resources', 'bytes', 'bytes without white space'],
    rows: stacks.map(({ name, ...size }) => ({
      label: name,
      cells: [size.resources, size.bytes, size.compactBytes],
      ratios: [
        exactly(`synth/resources/${name}`, 'resources / quota', size.resources / QUOTAS.resources),
        exactly(`synth/bytes/${name}`, 'bytes / quota', size.bytes / QUOTAS.bytes),
      ],
    })),
  };
}

/** Returns a ratio that every round has. */
function exactly(id: string, heading: string, value: number): Ratio {
  return { id, heading, median: value, low: value, high: value, goal: { atMost: 1 } };
}

function options(sizes: Sizes): Table {
  const base = sizes[BASE];
  const added = ({ resources, bytes, types: of }: TemplateSize): number[] => {
    const alarms = (of[ALARM] ?? 0) - (base?.types[ALARM] ?? 0);
    return [resources - (base?.resources ?? 0), alarms, bytes - (base?.bytes ?? 0)];
  };
  return {
    title: 'What an option adds to a vault that has none',
    columns: ['resources', 'alarms of them', 'bytes'],
    rows: Object.entries(sizes).map(([label, size]) => {
      if (label !== BASE) return { label: `+ ${label}`, cells: added(size) };
      return { label, cells: [size.resources, size.types[ALARM] ?? 0, size.bytes] };
    }),
  };
}
const ALARM = 'AWS::CloudWatch::Alarm';

function types(stacks: Synthesis['stacks']): Table {
  const all = [...new Set(stacks.flatMap((stack) => Object.keys(stack.types)))];
  const most = (type: string): number => Math.max(...stacks.map((stack) => stack.types[type] ?? 0));
  return {
    title: 'Resources by type',
    columns: stacks.map(({ name }) => name.replace('ShareVault-', '')),
    rows: all
      .toSorted((a, b) => most(b) - most(a) || a.localeCompare(b))
      .slice(0, MOST)
      .map((type) => ({ label: type.replace('AWS::', ''), cells: stacks.map((stack) => stack.types[type] ?? 0) })),
  };
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function inProcess<T>(script: string, ...args: readonly string[]): Promise<T> {
  const child = fork(join(__dirname, 'synth', script), args, {
    execArgv: ['--import', 'tsx'],
    // the validator's warnings about the bare constructs
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`expected a result of ${script}, got exit ${code}`)));
  });
}
