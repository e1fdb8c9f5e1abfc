import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

// Runs a bundle as an execution environment of Lambda does: in a process of its own, one call at a time. Plain JavaScript,
// since a loader of TypeScript would take processor time from the others.
const [file, invokedFunctionArn] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(file).href);
const context = { awsRequestId: 'bench', invokedFunctionArn, getRemainingTimeInMillis: () => 20_000 };

process.on('message', async (events) => {
  const [ms, errors] = [[], []];
  for (const event of events) {
    const started = performance.now();
    try {
      await handler(event, context);
      ms.push(performance.now() - started);
    } catch (error) {
      errors.push(`${error.name}: ${error.message}`);
    }
  }
  process.send({ ms, errors });
});
process.send({ ms: [], errors: [] });
