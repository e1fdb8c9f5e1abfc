import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

// Loads a module, and calls one of its handlers for each event that the parent sends. Plain JavaScript: the same for a
// bundle, which gets no loader of TypeScript, and for a baseline.
const [file, name, invokedFunctionArn] = process.argv.slice(2);
const handler = (await import(pathToFileURL(file).href))[name];
const context = { awsRequestId: 'bench', invokedFunctionArn, getRemainingTimeInMillis: () => 20_000 };

process.on('message', async ({ event }) => {
  const before = process.cpuUsage();
  const started = performance.now();
  try {
    const response = await handler(event, context);
    const ms = performance.now() - started;
    const { user, system } = process.cpuUsage(before);
    process.send({ ms, cpuMs: (user + system) / 1_000, response });
  } catch (error) {
    process.send({ failure: String(error) });
  }
});
process.once('disconnect', () => process.exit());
process.send('ready');
