import { writeFileSync } from 'node:fs';
import { API_FILE, apiReference, readAssembly } from './api-reference';
import { buildClient } from './build-client';
import { buildConstructs } from './build-constructs';
import { buildLocal } from './build-local';
import { build } from './bundle';
import { sizeTable } from './size-table';

/** `npm run build`: what the three packages ship, and API.md. `npm run bundle` stops after the handlers. */
async function main([only]: readonly string[]): Promise<void> {
  if (only !== undefined && only !== 'handlers') throw new Error(`expected handlers or nothing, got ${only}`);
  console.log(sizeTable(await build()));
  if (only === 'handlers') return;
  await buildClient();
  await buildLocal();
  buildConstructs();
  writeFileSync(API_FILE, apiReference(readAssembly()));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
