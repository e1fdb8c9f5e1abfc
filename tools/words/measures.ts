import type { Block } from './texts';

export interface Measure {
  readonly name: string;
  readonly words: RegExp;
  /** The most places that 1,000 words may have. */
  readonly limit: number;
}

/**
 * The words that make a reader of this repository go back to the start of a sentence, and how often a text may have
 * them. Measured in November 2026 in the comments of six models (FiloSottile/typage, panva/jose, aws/aws-cdk's kms and
 * secretsmanager, cdklabs/cdk-atmosphere-service, sigstore/sigstore-js, tink-crypto/tink-go): 1 to 6 places in 1,000
 * words of the first measure, 0 to 0.9 of the second, none of the third.
 */
export const MEASURES: readonly Measure[] = [
  { name: 'what/which/whose/who', words: /\b(what|which|whose|who)\b/gi, limit: 8 },
  // for `if`, `when` or `in which`: most of its uses
  { name: 'where', words: /\bwhere\b/gi, limit: 0.9 },
  // for `only`
  { name: 'alone', words: /\balone\b/gi, limit: 0 },
];

/** Real uses of a word: no place in them counts. */
export const ALLOWED = /\b(let alone|leave[sd]? (it|them) alone|stand-?alone)\b/gi;

const WORD = /\p{L}[\p{L}\p{N}'’]*/gu;

export interface Counts {
  readonly words: number;
  /** The number of places of each measure, in the order of the measures. */
  readonly places: readonly number[];
}

export function count(blocks: readonly Block[]): Counts {
  const text = blocks.map(({ lines }) => lines.join('\n')).join('\n\n');
  return {
    words: occurrences(text, WORD),
    places: MEASURES.map(({ words }) => occurrences(text.replace(ALLOWED, ''), words)),
  };
}

export function sum(counts: readonly Counts[]): Counts {
  return {
    words: counts.reduce((total, { words }) => total + words, 0),
    places: MEASURES.map((_, index) => counts.reduce((total, { places }) => total + (places[index] ?? 0), 0)),
  };
}

export function perThousand(places: number, words: number): number {
  return words === 0 ? 0 : (places * 1000) / words;
}

/** Returns the measures whose limit the counts pass. */
export function passed({ words, places }: Counts): readonly Measure[] {
  return MEASURES.filter(({ limit }, index) => perThousand(places[index] ?? 0, words) > limit);
}

export interface Place {
  readonly line: number;
  readonly sentence: string;
}

/** Returns each place of a word, with the sentence around it. */
export function placesOf(words: RegExp, { line, lines }: Block): readonly Place[] {
  const text = lines.join('\n').replace(ALLOWED, (phrase) => '-'.repeat(phrase.length));
  return [...text.matchAll(words)].map(({ index }) => {
    const start = Math.max(...['. ', '.\n', '| ', ': ', '\n- '].map((mark) => text.lastIndexOf(mark, index) + 1));
    const end = text.slice(index).search(/[.|](\s|$)/);
    const sentence = text.slice(start, end < 0 ? undefined : index + end + 1);
    return { line: line + text.slice(0, index).split('\n').length - 1, sentence: sentence.replace(/\s+/g, ' ').trim() };
  });
}

function occurrences(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
