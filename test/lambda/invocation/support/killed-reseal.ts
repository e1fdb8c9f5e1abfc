import { createReseals } from '../../../../lambda/invocation/reseals';
import { deadlineIn } from '../../../../lambda/invocation/deadline';
import { DB_SETTINGS } from '../../../../lambda/invocation/record-store';
import { resealStep } from '../../../../lambda/invocation/reseal-step';
import { readEnv } from '../../../../lambda/invocation/settings';
import {
  SHARE_KEY_SETTINGS,
  createShareKey,
  shareKeyIds,
  shareKeyMaterialId,
} from '../../../../lambda/invocation/share-key';
import type { PostgresReseals } from '../../../../lambda/store/reseals';

/** Where a process stops until it is killed. */
export type StopPoint = 'after the claim' | 'after KMS' | 'before the swap' | 'after the swap';

const [run = '', point = ''] = process.argv.slice(2);

/** Reports to the test, and never goes on. */
async function stopAt(here: StopPoint): Promise<void> {
  if (here !== point) return;
  process.send?.('stopped');
  await new Promise(() => setInterval(() => undefined, 60_000));
}

/** Runs a step of a reseal, with the function's own parts, up to a point. */
async function main(): Promise<void> {
  const settings = readEnv(['environment', ...SHARE_KEY_SETTINGS, ...DB_SETTINGS]);
  const [{ reseals }, shareKey] = [createReseals(settings), createShareKey(settings)];
  const stopping = Object.assign(Object.create(reseals) as PostgresReseals, {
    finish: async (...args: Parameters<PostgresReseals['finish']>) => {
      await stopAt('before the swap');
      const outcomes = await reseals.finish(...args);
      await stopAt('after the swap');
      return outcomes;
    },
  });
  const parts = {
    environment: settings.environment,
    reseals: stopping,
    shareKey: {
      ...shareKey,
      unwrapDataKey: async (...args: Parameters<typeof shareKey.unwrapDataKey>) => {
        await stopAt('after the claim');
        return shareKey.unwrapDataKey(...args);
      },
      wrapNewDataKey: async (...args: Parameters<typeof shareKey.wrapNewDataKey>) => {
        const made = await shareKey.wrapNewDataKey(...args);
        await stopAt('after KMS');
        return made;
      },
    },
    keyIds: shareKeyIds(settings),
    currentMaterialId: (signal: AbortSignal) => shareKeyMaterialId(settings, signal),
    observedKey: () => shareKey,
  };
  await resealStep({ run, requestId: 'killed', deadline: deadlineIn(60_000) }, parts, () => undefined);
  process.send?.('ended');
}

void main();
