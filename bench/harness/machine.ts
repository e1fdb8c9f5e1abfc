import { cpus, loadavg } from 'node:os';

/** Where and when a subject was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
  /** of the last minute, at the start and at the end of the subject */
  readonly load: { readonly start: number; readonly end: number };
  /** the day, as `2026-12-01` in UTC */
  readonly date: string;
}

/** Starts to watch the load. The returned function ends that. */
export function watchMachine(): () => Machine {
  const start = load();
  return () => {
    const processors = cpus();
    const processor = processors[0]?.model.trim() ?? '';
    return {
      processor: processor === '' ? process.arch : processor,
      cores: processors.length,
      node: process.versions.node,
      load: { start, end: load() },
      date: new Date().toISOString().slice(0, 10),
    };
  };
}

/** Returns one line of at most so many characters; the processor's name gives way. */
export function headerLine(
  name: string,
  { processor, cores, node, load: { start, end }, date }: Machine,
  width: number,
): string {
  const rest = `, ${cores} cores, Node ${node}, load ${start.toFixed(2)} to ${end.toFixed(2)}, ${date}`;
  const room = Math.max(0, width - name.length - 2 - rest.length);
  return `${name}: ${processor.slice(0, room)}${rest}`;
}

function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}
