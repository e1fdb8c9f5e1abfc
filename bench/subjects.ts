import type { Bench } from './harness/bench';

/** A subject of `npm run bench`. Each runs in a process of its own, which loads only this one. */
export interface Subject {
  /** the benchmark's `name` is the subject's key */
  readonly load: () => Promise<Bench>;
  /** false: it needs no bundle of `dist/lambda` and no template of the local vault @default true */
  readonly needsBuild?: boolean;
  /** false: a quick run leaves it out unless it is named, since all in it have to end within two minutes @default true */
  readonly inQuickRun?: boolean;
}

/** In the order in which they run. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  message: { load: async () => (await import('./message')).messageBench, needsBuild: false },
  operation: { load: async () => (await import('./operation')).operationBench },
  properties: { load: async () => (await import('./properties')).propertiesBench, inQuickRun: false },
  receive: { load: async () => (await import('./receive')).receiveBench, inQuickRun: false },
  cold: { load: async () => (await import('./cold')).coldBench },
  load: { load: async () => (await import('./load')).loadBench, inQuickRun: false },
  enforcement: { load: async () => (await import('./enforcement')).enforcementBench, inQuickRun: false },
  elsewhere: { load: async () => (await import('./elsewhere')).elsewhereBench, inQuickRun: false },
  'log-partitions': { load: async () => (await import('./log-partitions')).logPartitionsBench, inQuickRun: false },
  freeze: { load: async () => (await import('./freeze')).freezeBench, inQuickRun: false },
  reseal: { load: async () => (await import('./reseal')).resealBench, needsBuild: false, inQuickRun: false },
  scale: { load: async () => (await import('./scale')).scaleBench },
  synth: { load: async () => (await import('./synth')).synthBench },
};

/** Those that a quick run measures unless others are named: together they end within two minutes. */
export const QUICK_SUBJECTS = Object.keys(SUBJECTS).filter((name) => SUBJECTS[name]?.inQuickRun ?? true);
