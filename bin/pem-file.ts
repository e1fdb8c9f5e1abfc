import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Fields } from './fields';

/** Directory of cdk.json: the CDK runs the app there, and paths of the configuration are relative to it. */
export const APP_DIRECTORY = join(__dirname, '..');

const PATH = { pattern: /^[^\0]+$/, expected: 'the path of a file in PEM' };

/** Returns the text of the file that a member names; undefined if there is no such member, or after a problem. */
export function readPemFile(fields: Fields, key: string, directory = APP_DIRECTORY): string | undefined {
  const path = fields.text(key, PATH);
  if (path === undefined) return undefined;
  try {
    return readFileSync(resolve(directory, path), 'utf8');
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'an error';
    fields.refuse(key, `${path}: expected a file that can be read, got ${code}`);
    return undefined;
  }
}
