import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { CATALOGUE, REPLACEMENTS } from './catalogue';
import { convert } from './convert';

const ROOT = join(__dirname, '..', '..');
export const SCHEMA_FOLDER = join(ROOT, 'docs', 'schemas');

/** Returns the files of docs/schemas: their names and their texts. */
export async function schemaFiles(): Promise<Readonly<Record<string, string>>> {
  const style = JSON.parse(readFileSync(join(ROOT, '.prettierrc.json'), 'utf8')) as object;
  const files: Record<string, string> = {};
  for (const [name, { schema, title }] of Object.entries(CATALOGUE)) {
    const { $schema, ...rest } = convert(schema, REPLACEMENTS);
    const text = JSON.stringify({ $schema, $id: `urn:share-vault:${name}`, title, ...rest });
    files[`${name}.schema.json`] = await format(inAscii(text), { ...style, parser: 'json' });
  }
  return files;
}

/** Writes a text's characters outside of printable ASCII as escapes: a pattern has invisible ones. */
function inAscii(json: string): string {
  // each half of a surrogate pair has an escape of its own
  return json.replaceAll(/[^\x20-\x7e]/g, (half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
