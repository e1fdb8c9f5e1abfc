import { randomInt } from 'node:crypto';
import type { Generation } from '../template';

const CLASSES = {
  lowercase: 'abcdefghijklmnopqrstuvwxyz',
  uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  numbers: '0123456789',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
} as const;

/** Returns a secret's value as `GetRandomPassword` generates it. Throws `RangeError` if no characters are left. */
export function generate(wanted: Generation): string {
  const password = passwordOf(wanted);
  if (wanted.template === undefined) return password;
  const members = JSON.parse(wanted.template.json) as Record<string, unknown>;
  return JSON.stringify({ ...members, [wanted.template.key]: password });
}

function passwordOf({ length, exclude, excludedCharacters, includeSpace, requireEachType }: Generation): string {
  const names = Object.keys(CLASSES) as (keyof typeof CLASSES)[];
  const classes = names
    .filter((name) => !exclude[name])
    .map((name) => Array.from(CLASSES[name]).filter((char) => !excludedCharacters.includes(char)))
    .filter((chars) => chars.length > 0);
  const all = [...classes.flat(), ...(includeSpace ? [' '] : [])];
  if (all.length === 0) throw new RangeError('expected characters to make a password of, got none');
  const chars = Array.from({ length }, (_, index) => pick((requireEachType ? classes[index] : undefined) ?? all));
  // shuffles: otherwise the characters of the required types would always come first
  return chars
    .map((char) => ({ char, rank: randomInt(2 ** 32) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ char }) => char)
    .join('');
}

function pick(chars: readonly string[]): string {
  return chars[randomInt(chars.length)] ?? '';
}
