import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { build } from './bundle';
import { buildUnlessCurrent } from './unless-current';

const ROOT = join(__dirname, '..', '..');

/** Files that change the bundles of unchanged sources. The last one lists the installed packages. */
const SETTINGS = ['package.json', 'tsconfig.json', 'node_modules/.package-lock.json'];

/** Bundles the vault's handlers into `dist/lambda`, unless the bundles there are those of the present sources. */
export function buildCurrentHandlers(): Promise<void> {
  return buildUnlessCurrent(join(ROOT, 'dist', 'handlers.json'), async () => {
    const sources = new Set<string>();
    const reports = await build({ plugins: [collectSources(sources)] });
    const scripts = readdirSync(__dirname).map((name) => join(__dirname, name));
    const settings = SETTINGS.map((name) => join(ROOT, name));
    return {
      read: [...sources, join(ROOT, 'lambda'), ...scripts, ...settings],
      written: reports.flatMap((report) => report.written),
    };
  });
}

/** Collects the files that esbuild read, those of packages too. */
function collectSources(sources: Set<string>): Plugin {
  return {
    name: 'collect-sources',
    setup(builder) {
      builder.onEnd(({ metafile }) => {
        for (const path of Object.keys(metafile?.inputs ?? {})) sources.add(join(ROOT, path));
      });
    },
  };
}
