import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFile } from '../elsewhere/handler';
import type { Bench, Settings } from '../harness/bench';
import type { Table } from '../harness/table';
import { atOnce } from './at-once';
import { buildDefaultBundle } from './default-bundle';
import { oneColdStart } from './one';
import { loadByPart } from './parts';
import { openQuota } from './quota';
import { measureSizes } from './sizes';
import { unsealCall, withColdVault } from './vault';

/** What a cold start costs, beside that of a handler with the AWS Encryption SDK that is bundled by default. */
export const coldBench: Bench = { name: 'cold', run };

async function run({ quick, progress }: Settings): Promise<readonly Table[]> {
  const folder = mkdtempSync(join(tmpdir(), 'share-vault-bench-'));
  const quota = openQuota();
  try {
    progress('bundles');
    const sizes = await measureSizes(join(folder, 'bundles'));
    const { file: baseline } = await buildDefaultBundle(join(folder, 'default'));
    const own = bundleFile('unseal');
    progress('packages');
    const parts = await loadByPart({ own, outdir: join(folder, 'parts'), quota, rounds: quick ? 2 : 15 });
    return await withColdVault(async (vault) => {
      const common = { own, baseline, call: unsealCall(vault), quota, rounds: quick ? 2 : 15 };
      progress('first calls');
      const plain = await oneColdStart(common);
      progress('first calls, with a compile cache');
      const compiled = await oneColdStart({ ...common, compileCache: join(folder, 'cache') });
      progress('many at once');
      const many = await atOnce({ ...common, vault, environments: quick ? 5 : 20, rounds: quick ? 1 : 5 });
      return [...sizes, parts, plain, compiled, many];
    });
  } finally {
    quota.remove();
    rmSync(folder, { recursive: true });
  }
}
