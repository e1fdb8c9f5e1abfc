import * as ts from 'typescript';

/** A run of text of a source file or a page: the lines of one comment, or one paragraph. */
export interface Block {
  /** The number of its first line in the file, from 1. */
  readonly line: number;
  readonly lines: readonly string[];
}

interface NumberedLine {
  readonly line: number;
  readonly text: string;
}

const INLINE_CODE = /(`+)[^`]+\1/g;
const LIST_ITEM = /^ *([-*]|\d+\.) +/;
const CODE_INDENT = 4;
const BEGINS_BLOCK = /^\s*([-*|]|#+|\d+\.)\s/;

/** Returns the comments of a TypeScript or JavaScript file, without code in backticks and without tags. */
export function commentsOf(fileName: string, source: string): readonly Block[] {
  const file = ts.createSourceFile(fileName, source, ts.ScriptTarget.Latest, false);
  const lines = comments(file).flatMap(({ pos, end }) => {
    const first = file.getLineAndCharacterOfPosition(pos).line + 1;
    return source
      .slice(pos, end)
      .split('\n')
      .map((text, index) => ({ line: first + index, text: withoutMarks(text) }));
  });
  return blocks(lines).map(withoutCode);
}

/** Returns the paragraphs of a Markdown page, without code blocks, code in backticks, addresses and HTML comments. */
export function paragraphsOf(page: string): readonly Block[] {
  const text = page
    .replace(/^( *)(```+|~~~+)[^]*?^ *\2`* *$/gm, blank)
    .replace(/<!--[^]*?-->/g, blank)
    .replace(/\]\([^)\s]*\)/g, ']')
    .replace(/<?https?:\/\/[^\s>)]+>?/g, '');
  const lines = withoutIndentedCode(text.split('\n'));
  return blocks(lines.map((each, index) => ({ line: index + 1, text: each }))).map(withoutCode);
}

/** Empties lines of code by their indent: four spaces more than the text of their list item, after an empty line. */
function withoutIndentedCode(lines: readonly string[]): readonly string[] {
  let base = 0;
  let afterGap = true;
  return lines.map((line) => {
    if (line.trim() === '') {
      afterGap = true;
      return line;
    }
    const indent = line.search(/\S/);
    if (afterGap && indent >= base + CODE_INDENT) return '';
    if (indent === 0) base = 0;
    base = LIST_ITEM.exec(line)?.[0].length ?? base;
    afterGap = false;
    return line;
  });
}

/** Replaces text by as many empty lines, so that line numbers stay right. */
function blank(text: string): string {
  return text.replace(/[^\n]+/g, '');
}

function comments(file: ts.SourceFile): readonly ts.TextRange[] {
  const found = new Map<number, ts.TextRange>();
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, file.text);
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    const children = node.getChildren(file);
    children.forEach(visit);
    if (children.length > 0) return;
    for (const comment of commentsWithin(scanner, node.pos, node.getStart(file))) found.set(comment.pos, comment);
  };
  visit(file);
  return [...found.values()].sort((a, b) => a.pos - b.pos);
}

function commentsWithin(scanner: ts.Scanner, start: number, end: number): readonly ts.TextRange[] {
  const found: ts.TextRange[] = [];
  scanner.resetTokenState(start);
  while (scanner.getTokenEnd() < end) {
    const kind = scanner.scan();
    const isComment = kind === ts.SyntaxKind.SingleLineCommentTrivia || kind === ts.SyntaxKind.MultiLineCommentTrivia;
    if (isComment) found.push({ pos: scanner.getTokenStart(), end: scanner.getTokenEnd() });
  }
  return found;
}

function withoutMarks(line: string): string {
  return line
    .replace(/^\s*(\/\*+|\/\/+|\*(?!\/))/, '')
    .replace(/\*\/\s*$/, '')
    .replace(/^\s*@(param|template|typedef)\s+\S+/, '')
    .replace(/\{@\w+[^}]*\}|@[\w-]+(\/[\w-]+)*/g, '')
    .trim();
}

/** Joins lines that follow each other. An empty line ends a block; a heading, an item and a row of a table begin one. */
function blocks(lines: readonly NumberedLine[]): readonly Block[] {
  const found: { line: number; lines: string[] }[] = [];
  let next = NaN;
  for (const { line, text } of lines) {
    if (text.trim() === '') continue;
    const last = found.at(-1);
    if (last && line === next && !BEGINS_BLOCK.test(text)) last.lines.push(text);
    else found.push({ line, lines: [text] });
    next = line + 1;
  }
  return found;
}

/** Blanks code in backticks, which may go on in the next line. */
function withoutCode({ line, lines }: Block): Block {
  const text = lines.join('\n').replace(INLINE_CODE, (code) => code.replace(/[^\n]+/g, '` `'));
  return { line, lines: text.split('\n') };
}
