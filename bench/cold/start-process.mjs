import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';

// Loads a bundle, and calls its handler once if an event is given. Plain JavaScript: a loader of TypeScript would be timed.
const [file, invokedFunctionArn, event] = process.argv.slice(2);
const cpuMs = (before) => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};
const boot = { bootMs: performance.now(), bootCpuMs: cpuMs() };
const url = pathToFileURL(file).href;

let before = process.cpuUsage();
let started = performance.now();
const loaded = await import(url);
const load = { loadMs: performance.now() - started, loadCpuMs: cpuMs(before) };

let call = { callMs: 0, callCpuMs: 0 };
if (event !== undefined) {
  const handler = loaded.handler ?? loaded.default.handler;
  const context = { awsRequestId: 'bench', invokedFunctionArn, getRemainingTimeInMillis: () => 25_000 };
  before = process.cpuUsage();
  started = performance.now();
  await handler(JSON.parse(event), context);
  call = { callMs: performance.now() - started, callCpuMs: cpuMs(before) };
}
process.send({ ...boot, ...load, ...call }, () => process.exit());
