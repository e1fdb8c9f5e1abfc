import { join } from 'node:path';
import { filesAt, ROOM_NAMES, roomOf, type TextFile } from './words/files';
import { count, MEASURES, passed, perThousand, placesOf, sum, type Counts } from './words/measures';

const ROOT = join(__dirname, '..');
const WORST_FILES = 10;
const USAGE = 'usage: npx --no-install tsx tools/words.ts [--list WORD] [PATH…]';

/**
 * `npm run words [-- PATH…]`: counts the words of comments and pages that make a sentence hard to read, and fails if a
 * room has more than its limits. `npx --no-install tsx tools/words.ts --list WORD PATH…` prints each place of a word or of several
 * (`what|which`), for every limited word: `all`.
 */
function main(args: readonly string[]): number {
  if (args[0] === '--list') return list(args[1], args.slice(2));
  if (args.some((arg) => arg.startsWith('-'))) return refuse();
  return report(filesAt(ROOT, args.length > 0 ? args : undefined));
}

function refuse(): number {
  console.error(USAGE);
  return 2;
}

function list(word: string | undefined, paths: readonly string[]): number {
  if (word === undefined) return refuse();
  const patterns = word === 'all' ? MEASURES.map(({ words }) => words) : [new RegExp(`\\b(${word})\\b`, 'gi')];
  for (const { path, blocks } of filesAt(ROOT, paths.length > 0 ? paths : undefined)) {
    const places = blocks.flatMap((block) => patterns.flatMap((pattern) => placesOf(pattern, block)));
    for (const { line, sentence } of places) console.log(`${path}:${line}: ${sentence}`);
  }
  return 0;
}

function report(files: readonly TextFile[]): number {
  const counted = files.map(({ path, blocks }) => ({ path, counts: count(blocks) }));
  const rooms = ROOM_NAMES.map((name) => ({
    name,
    counts: sum(counted.filter(({ path }) => roomOf(path) === name).map(({ counts }) => counts)),
  })).filter(({ counts }) => counts.words > 0);
  const worst = counted
    .filter(({ counts }) => passed(counts).length > 0)
    .sort((a, b) => total(b.counts) - total(a.counts));

  printTable([...rooms, { name: 'all', counts: sum(rooms.map(({ counts }) => counts)) }]);
  if (worst.length > 0) console.log('\nThe files with the most places above a limit (places):');
  for (const { path, counts } of worst.slice(0, WORST_FILES)) console.log(`  ${path} (${total(counts)})`);
  const failures = rooms.flatMap(({ name, counts }) => passed(counts).map((measure) => ({ name, measure })));
  for (const { name, measure } of failures) {
    console.error(`${name}: expected at most ${measure.limit} of ${measure.name} in 1,000 words`);
  }
  return failures.length > 0 ? 1 : 0;
}

function total({ places }: Counts): number {
  return places.reduce((all, each) => all + each, 0);
}

function printTable(rows: readonly { readonly name: string; readonly counts: Counts }[]): void {
  const head = ['in 1,000 words', 'words', ...MEASURES.map(({ name, limit }) => `${name} (≤ ${limit})`)];
  const cells = rows.map(({ name, counts }) => [
    name,
    String(counts.words),
    ...counts.places.map((places) => perThousand(places, counts.words).toFixed(1)),
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...cells].map((row) => row[column]?.length ?? 0)));
  for (const row of [head, ...cells]) {
    console.log(
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    );
  }
}

process.exitCode = main(process.argv.slice(2));
