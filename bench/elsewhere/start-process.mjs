import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

// Loads a bundle, and calls its handler once if an event is given. Plain JavaScript: a loader of TypeScript would be timed.
const [file, invokedFunctionArn, event] = process.argv.slice(2);
const url = pathToFileURL(file).href;
const before = process.cpuUsage();
const started = performance.now();
const { handler } = await import(url);
const loadMs = performance.now() - started;
const { user, system } = process.cpuUsage(before);
const called = performance.now();
if (event !== undefined) {
  const context = { awsRequestId: 'bench', invokedFunctionArn, getRemainingTimeInMillis: () => 20_000 };
  await handler(JSON.parse(event), context);
}
const callMs = event === undefined ? 0 : performance.now() - called;
process.send({ loadMs, loadCpuMs: (user + system) / 1_000, callMs }, () => process.exit());
