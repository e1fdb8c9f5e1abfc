import { build, sizeTable } from './bundle';
import { buildCurrentPackages, rebuildPackages } from './current-packages';
import { buildDevTemplate } from './dev-template';

/** `npm run bundle` */
async function buildHandlers(): Promise<void> {
  console.log(sizeTable(await build()));
}

/** Builds what `npm start` and `npm run serve` deploy. */
async function buildTemplate(): Promise<void> {
  await buildHandlers();
  buildDevTemplate();
}

/** The parts that can be built. Without a part, the packages are built, also if nothing changed. */
const PARTS: ReadonlyMap<string | undefined, () => Promise<void>> = new Map([
  ['handlers', buildHandlers],
  ['template', buildTemplate],
  // before `npm pack`
  ['packages', buildCurrentPackages],
  [undefined, rebuildPackages],
]);

async function main([part]: readonly string[]): Promise<void> {
  const run = PARTS.get(part);
  if (run === undefined) throw new Error(`expected handlers, template or packages, got ${part}`);
  await run();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
