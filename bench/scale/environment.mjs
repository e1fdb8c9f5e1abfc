import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

// Runs a bundle as an execution environment of Lambda does: in a process of its own, one call at a time. Plain JavaScript,
// since a loader of TypeScript would take processor time from the others.
const [file, invokedFunctionArn] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(file).href);
const context = { awsRequestId: 'bench', invokedFunctionArn, getRemainingTimeInMillis: () => 20_000 };

process.on('message', async (events) => {
  try {
    const ms = [];
    for (const event of events) {
      const started = performance.now();
      await handler(event, context);
      ms.push(performance.now() - started);
    }
    process.send({ ms });
  } catch (error) {
    process.send({ error: `${error.name}: ${error.message}` });
  }
});
process.send({ ms: [] });
