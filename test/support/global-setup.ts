import { build } from '../../bin/bundle';
import { beginRun } from './run';

/** Builds the handlers, so that no test needs a build typed by hand, and opens the run's folder. */
export default async function globalSetup(): Promise<void> {
  await build();
  beginRun();
}
