import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Node, Parser } from 'commonmark';

export const INDEX = join(__dirname, '../../../docs/incidents.md');
const FOLDER = join(__dirname, '../../../docs/incidents');

/** The runbooks, by their names without `.md`. */
export const RUNBOOKS: readonly string[] = readdirSync(FOLDER)
  .map((name) => name.replace(/\.md$/, ''))
  .sort();

/** A block of commands of a runbook. */
export interface Step {
  /** the first line, which names the block */
  readonly name: string;
  readonly text: string;
  /** the lines that the page shows as the result, if it shows any */
  readonly shown: readonly string[];
  /** the reason that the page gives for not running the block in tests */
  readonly notRun: string | undefined;
}

const NOT_RUN = /^Not run by the tests: (.+)\.$/;

export function textOf(runbook: string): string {
  return readFileSync(join(FOLDER, `${runbook}.md`), 'utf8');
}

/** Returns the blocks of commands of a page in their order. */
export function stepsOf(page: string): readonly Step[] {
  const walker = new Parser().parse(page).walker();
  const blocks: Node[] = [];
  for (let event = walker.next(); event !== null; event = walker.next()) {
    if (event.entering && event.node.type === 'code_block' && event.node.info === 'sh') blocks.push(event.node);
  }
  return blocks.map((node) => {
    const text = node.literal ?? '';
    const { next } = node;
    const isShown = next?.type === 'code_block' && next.info === 'text';
    return {
      name: text.split('\n', 1)[0] ?? '',
      text,
      shown: isShown ? (next.literal ?? '').split('\n').filter((line) => line !== '') : [],
      notRun: NOT_RUN.exec(wordsOf(node.prev))?.[1],
    };
  });
}

/** Returns the last line of a paragraph; empty for anything else. */
function wordsOf(node: Node | null): string {
  if (node?.type !== 'paragraph') return '';
  const walker = node.walker();
  let text = '';
  for (let event = walker.next(); event !== null; event = walker.next()) {
    if (event.node.type === 'softbreak') text += ' ';
    else if (event.entering) text += event.node.literal ?? '';
  }
  return text.slice(Math.max(0, text.lastIndexOf('Not run by the tests: ')));
}

/** Returns the pattern of a shown line: `…` stands for any text in a line. */
export function patternOf(line: string): RegExp {
  const parts = line.split('…').map((part) => part.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'm');
}
