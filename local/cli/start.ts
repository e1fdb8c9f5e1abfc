import { runDemo } from '../demo/demo';
import { startVault } from '../vault';
import { readDeployment } from './deployment';
import { interrupted, stopSignal } from './stop';

/** `start`: the main job once, and what is refused. */
export async function start(args: readonly string[]): Promise<number> {
  const { options, report } = await readDeployment('start', args);
  const stopped = stopSignal();
  const vault = await startVault(options);
  try {
    // at Ctrl-C it is left where it stands: what it still asks of a stopped vault is nobody's
    const demo = runDemo(vault, report, options.authorization);
    demo.catch(() => undefined);
    await Promise.race([demo, stopped.then(interrupted)]);
  } finally {
    await vault.close();
  }
  report.end('All of it as it should be.');
  return 0;
}
