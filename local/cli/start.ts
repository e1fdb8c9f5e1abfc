import type { Values } from '../../client/commands/command';
import { runDemo } from '../demo/demo';
import { startVault } from '../vault';
import { readDeployment } from './deployment';
import { stopSignal, throwInterrupted } from './stop';

/** The run of a rotation waits ten minutes in AWS. */
const LONGEST_WAIT_SECONDS = 0.1;

/** Runs `start`: the main job once, then requests that the vault refuses. */
export async function start(values: Values): Promise<number> {
  const { options, report } = await readDeployment(values);
  const stop = stopSignal();
  const vault = await startVault({ ...options, longestWaitSeconds: LONGEST_WAIT_SECONDS });
  try {
    // Ctrl-C abandons the demo: errors of its remaining calls are ignored
    const demo = runDemo(vault, report, options.authorization);
    demo.catch(() => undefined);
    await Promise.race([demo, stop.requested.then(throwInterrupted)]);
  } finally {
    await vault.close();
  }
  report.end('Every result is as expected.');
  return 0;
}
