import { UNDESTROYED_METRIC, bodyStorePlace } from '../contract/elsewhere';
import { METRICS } from '../contract/metrics';
import { createBodyStore } from '../store/bodies/create';
import { type BodySweep, sweepBodies } from '../store/bodies/sweep';
import { createBodySweep as createNoSweep } from './body-sweep';
import { readBodySettings } from './body-settings';

/** The daily sweep of bodies outside the database: replaces body-sweep.ts. */
export function createBodySweep(): BodySweep {
  const settings = readBodySettings();
  if (settings === undefined) return createNoSweep();
  const { environment, description } = settings;
  const store = createBodyStore(description, environment);
  return async (migrated, client, deadline) => {
    const { warnings = [], ...bodies } = await sweepBodies(client, store, deadline);
    if (bodies.failed > 0) countUndestroyed(environment, bodies.failed);
    const all = [...(migrated.warnings ?? []), ...warnings];
    return { ...migrated, bodies, ...(all.length > 0 && { warnings: all }) };
  };
}

/** Returns the name of the store of bodies, `undefined` if they are in the database. */
export function bodyPlace(): string | undefined {
  const settings = readBodySettings();
  return settings && bodyStorePlace(settings.description);
}

/** A line of its own in CloudWatch's embedded metric format: the other functions' lines know no bodies. */
function countUndestroyed(environment: string, failed: number): void {
  const Metrics = [{ Name: UNDESTROYED_METRIC, Unit: 'Count' }];
  const directive = { Namespace: METRICS.namespace, Dimensions: [['environment', 'function']], Metrics };
  const line = {
    level: 'error',
    event: 'undestroyed',
    environment,
    function: 'migrate',
    [UNDESTROYED_METRIC]: failed,
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
