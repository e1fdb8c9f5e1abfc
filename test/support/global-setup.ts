import { buildCurrentHandlers } from '../../tools/build/current-handlers';
import { bundleCommands } from './commands';
import { beginRun } from './run';

/** Builds the handlers and the commands, so that no test needs a build typed by hand, and opens the run's folder. */
export default async function globalSetup(): Promise<void> {
  await buildCurrentHandlers();
  beginRun();
  await bundleCommands();
}
