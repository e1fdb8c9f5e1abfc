import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Node, Parser } from 'commonmark';

export const ROOT = join(__dirname, '..', '..', '..');

/** The pages of which each block is checked, and run if it can be run without an account. */
export const PAGES = [
  'README.md',
  'docs/local-vault.md',
  'docs/client.md',
  'docs/deploy.md',
  'docs/dynamic.md',
  'docs/freeze.md',
  'docs/keys/google.md',
  'docs/keys/azure.md',
  'docs/keys/vault.md',
  'docs/keys/recovery.md',
] as const;
export type Page = (typeof PAGES)[number];

/** A block of code of a page. */
export interface Block<P extends string = Page> {
  readonly page: P;
  readonly line: number;
  /** an indented block has no language: it has commands */
  readonly language: string;
  readonly text: string;
  /** the first line, which names the block in tables and titles */
  readonly name: string;
}

/** Returns the blocks of a page in their order. */
export function blocksOf<P extends string>(page: P): readonly Block<P>[] {
  return nodesOf(page, 'code_block').map((node) => {
    const text = node.literal ?? '';
    const [name = ''] = text.split('\n');
    return { page, line: node.sourcepos[0][0], language: node.info ?? 'sh', text, name };
  });
}

/** Returns the blocks of all pages in one language. */
export function blocksIn(language: string): readonly Block[] {
  return PAGES.flatMap(blocksOf).filter((block) => block.language === language);
}

/** Returns the pieces of code between the words of a page. */
export function codeSpansOf(page: Page): readonly string[] {
  return nodesOf(page, 'code').map((node) => node.literal ?? '');
}

function nodesOf(page: string, type: Node['type']): readonly Node[] {
  const walker = new Parser().parse(readFileSync(join(ROOT, page), 'utf8')).walker();
  const nodes: Node[] = [];
  for (let event = walker.next(); event !== null; event = walker.next()) {
    if (event.entering && event.node.type === type) nodes.push(event.node);
  }
  return nodes;
}
