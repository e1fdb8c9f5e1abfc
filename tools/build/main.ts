import { writeFileSync } from 'node:fs';
import { API_FILE, apiPage } from './api-page';
import { buildClient } from './client';
import { buildConstructs } from './constructs';
import { buildLocal } from './local';
import { build, sizeTable } from './bundle';
import { buildDevTemplate } from './dev-template';

/** The parts that can be built separately, each with the ones before it: for `npm run bundle`, `npm start`, `npm run serve`. */
const PARTS: readonly string[] = ['handlers', 'template'];

/** `npm run build`: builds the contents of the three packages, and API.md. */
async function main([last = 'everything']: readonly string[]): Promise<void> {
  if (last !== 'everything' && !PARTS.includes(last)) throw new Error(`expected ${PARTS.join(' or ')}, got ${last}`);
  console.log(sizeTable(await build()));
  if (last === 'handlers') return;
  buildDevTemplate();
  if (last === 'template') return;
  await buildClient();
  await buildLocal();
  buildConstructs();
  writeFileSync(API_FILE, await apiPage());
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
