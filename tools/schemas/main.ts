import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SCHEMA_FOLDER, schemaFiles } from './files';

/** Runs `npm run schemas`: writes docs/schemas anew. */
async function main(): Promise<void> {
  mkdirSync(SCHEMA_FOLDER, { recursive: true });
  for (const name of readdirSync(SCHEMA_FOLDER)) rmSync(join(SCHEMA_FOLDER, name));
  for (const [name, text] of Object.entries(await schemaFiles())) writeFileSync(join(SCHEMA_FOLDER, name), text);
}

void main();
