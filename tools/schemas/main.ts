import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { SCHEMA_FOLDER, schemaFiles } from './files';

const STYLE = join(__dirname, '..', '..', '.prettierrc.json');

/** Runs `npm run schemas`: writes docs/schemas anew. */
async function main(): Promise<void> {
  const style = JSON.parse(readFileSync(STYLE, 'utf8')) as object;
  mkdirSync(SCHEMA_FOLDER, { recursive: true });
  for (const name of readdirSync(SCHEMA_FOLDER)) rmSync(join(SCHEMA_FOLDER, name));
  for (const [name, schema] of Object.entries(schemaFiles())) {
    const text = await format(inAscii(JSON.stringify(schema)), { ...style, parser: 'json' });
    writeFileSync(join(SCHEMA_FOLDER, name), text);
  }
}

/** Writes a text's characters outside of printable ASCII as escapes: patterns have invisible ones. */
function inAscii(json: string): string {
  // each half of a surrogate pair has an escape of its own
  return json.replaceAll(/[^\x20-\x7e]/g, (half) => `\\u${half.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

void main();
