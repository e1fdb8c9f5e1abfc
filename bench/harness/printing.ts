import { format } from 'node:util';
import type { Bench } from './bench';

/** Returns a benchmark of a function that prints its own tables: they become notes of an untitled one. */
export function printingBench(name: string, print: () => Promise<unknown>): Bench {
  return {
    name,
    run: async () => {
      const lines: string[] = [];
      const { log } = console;
      console.log = (...args: unknown[]) => void lines.push(...format(...args).split('\n'));
      try {
        await print();
      } finally {
        console.log = log;
      }
      return [{ title: '', columns: [], rows: [], notes: lines.map((line) => line.replace(/^ {2}/, '')) }];
    },
  };
}
