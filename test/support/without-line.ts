import type { Plugin } from 'esbuild';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Builds a variant without one line of a source. Throws unless the line occurs exactly once. */
export function withoutLine(source: string, line: string): Plugin {
  const file = join(__dirname, '..', '..', source);
  return {
    name: `without a line of ${source}`,
    setup(builder) {
      builder.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (path !== file) return undefined;
        const lines = readFileSync(file, 'utf8').split('\n');
        const kept = lines.filter((each) => each.trim() !== line);
        if (kept.length !== lines.length - 1)
          throw new Error(`expected "${line}" once in ${source}, got another count`);
        return { contents: kept.join('\n'), loader: 'ts' };
      });
    },
  };
}
