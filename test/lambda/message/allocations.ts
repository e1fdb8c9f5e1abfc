// Prints as JSON how many bytes each case of allocation-cases.ts allocated, and the name of the error that it returned. A
// process of its own: a forced collection of a jest worker's heap of gigabytes takes a second.
import { deepStrictEqual } from 'node:assert';
import { type Case, OPENED, REFUSED, SEEN } from './allocation-cases';

const collectGarbage = globalThis.gc ?? fail();

void measureAll();

async function measureAll(): Promise<void> {
  const measured: Record<string, object> = {};
  for (const [name, prepare] of Object.entries({ ...SEEN, ...REFUSED, ...OPENED }))
    measured[name] = await measure(prepare);
  process.stdout.write(JSON.stringify(measured));
}

async function measure(prepare: Case): Promise<object> {
  const act = prepare();
  const bytes = await allocated(act);
  const result = await act();
  return { bytes, error: result instanceof Error ? result.name : undefined };
}

/**
 * Returns the bytes that `act` allocated on the heap and outside of it, including freed ones: so few that no garbage
 * collection runs meanwhile. A first, unmeasured call creates the objects that later calls reuse.
 */
async function allocated(act: () => unknown): Promise<number> {
  await act();
  collectGarbage();
  // the second collection frees the memory outside of the heap that the first one found
  collectGarbage();
  const before = process.memoryUsage();
  const result = await act();
  const after = process.memoryUsage();
  // used here, so that the optimizer can't remove it
  deepStrictEqual(result === undefined, false);
  return after.heapUsed + after.external - (before.heapUsed + before.external);
}

function fail(): never {
  throw new Error('expected --expose-gc, got no gc()');
}
