import { fork } from 'node:child_process';
import { join } from 'node:path';
import { median } from './median';
import type { Subject, Synthesis } from './synth-process';

const ROUNDS = 5;

/**
 * Compares the CPU time of synthesizing the three environments with that of an app that creates the same resources with
 * the CDK's own constructs: the cost of the vault's policies, checks and parts. Each in a fresh process, in turns.
 */
export async function benchSynth(): Promise<void> {
  const rounds = { vault: [] as Synthesis[], bare: [] as Synthesis[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const subject of ['vault', 'bare'] as const) rounds[subject].push(await synthesize(subject));
  }
  const line = (label: string, subject: Subject): void => {
    const [whole, synth] = [of(rounds[subject], 'cpuMs'), of(rounds[subject], 'synthMs')];
    const resources = of(rounds[subject], 'resources');
    console.log(`  ${label.padEnd(30)} ${seconds(whole)}  ${seconds(synth)}  ${String(resources).padStart(5)}`);
  };
  console.log(
    `\nSynthesis of three environments (median of ${ROUNDS}, seconds of CPU: whole process, synthesis; resources)\n`,
  );
  line('the vault', 'vault');
  line('bare constructs', 'bare');
  const ratio = (key: keyof Synthesis): string => (of(rounds.vault, key) / of(rounds.bare, key)).toFixed(2).padStart(6);
  console.log(
    `  ${'vault / bare'.padEnd(30)} ${ratio('cpuMs')}  ${ratio('synthMs')}         (at most 1.3, under 15 s)`,
  );
}

function of(rounds: readonly Synthesis[], key: keyof Synthesis): number {
  return median(rounds.map((round) => round[key]));
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2).padStart(6);
}

function synthesize(subject: Subject): Promise<Synthesis> {
  const child = fork(join(__dirname, 'synth-process.ts'), [subject], {
    execArgv: ['--import', 'tsx'],
    // the validator's warnings about the bare constructs
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Synthesis));
    child.once('exit', (code) => reject(new Error(`expected a synthesis of ${subject}, got exit ${code}`)));
  });
}
