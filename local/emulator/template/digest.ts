import { createHash } from 'node:crypto';

/** 64 hexadecimal digits that are always the same for the same text. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function uuidOf(text: string): string {
  return digestOf(text).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
}
