import { build, sizeTable } from './bundle';
import { buildCurrentPackages, rebuildPackages } from './current-packages';
import { buildDevTemplate } from './dev-template';
import { progress } from './progress';

/** `npm run bundle` */
async function buildHandlers(): Promise<void> {
  console.log(sizeTable(await build()));
}

/** Builds what `npm start` and `npm run serve` deploy. Prints no table: the local vault prints events on standard output. */
async function buildTemplate(): Promise<void> {
  await progress('bundling the handlers', () => build());
  await progress('synthesizing the template of dev', () => buildDevTemplate());
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

// a synthesis ends, and removes its folder, before a signal is handled
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
