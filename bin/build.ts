import { build } from './bundle';
import { sizeTable } from './size-table';

/** `npm run build`: what ships, built, and its sizes. */
async function main(): Promise<void> {
  console.log(sizeTable(await build()));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
