import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { commentsOf, paragraphsOf, type Block } from './texts';

const SOURCE = /(?<!\.d)\.(ts|mjs|cjs)$/;
/** Made by tools, from comments that are counted themselves. */
const GENERATED = /^API\.md$/;
const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'cdk.out']);
const HIDDEN = /^\.(?!github$)/;

/** The rooms by what the path of their files starts with; pages outside the root are documentation wherever they are. */
const ROOMS: readonly (readonly [room: string, path: RegExp])[] = [
  ['docs', /^.+\/.+\.md$/],
  ['lambda', /^lambda\//],
  ['client', /^client\//],
  ['lib', /^lib\//],
  ['local', /^local\//],
  ['bin, tools, bench', /^(bin|tools|bench|examples)\//],
  ['test', /^test\//],
  ['top-level', /./],
];

export interface TextFile {
  readonly path: string;
  readonly blocks: readonly Block[];
}

export function roomOf(path: string): string {
  return ROOMS.find(([, pattern]) => pattern.test(path))?.[0] ?? 'top-level';
}

export const ROOM_NAMES = ROOMS.map(([name]) => name);

/** Reads the text of every file at or below the paths. */
export function filesAt(root: string, paths: readonly string[] = ['.']): readonly TextFile[] {
  return paths.flatMap((path) => walk(root, path)).map((path) => ({ path, blocks: blocksOf(root, path) }));
}

function walk(root: string, path: string): readonly string[] {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  return entries
    .filter(({ name }) => !SKIPPED.has(name) && !HIDDEN.test(name))
    .map((entry) => ({ entry, path: path === '.' ? entry.name : join(path, entry.name) }))
    .flatMap(({ entry, path: inner }) => {
      if (entry.isDirectory()) return walk(root, inner);
      const isText = entry.isFile() && (SOURCE.test(inner) || inner.endsWith('.md')) && !GENERATED.test(inner);
      return isText ? [inner] : [];
    });
}

function blocksOf(root: string, path: string): readonly Block[] {
  const text = readFileSync(join(root, path), 'utf8');
  return path.endsWith('.md') ? paragraphsOf(text) : commentsOf(path, text);
}
