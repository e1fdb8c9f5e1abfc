// Runs in a function's process: loads _HANDLER's module from LAMBDA_TASK_ROOT and runs its handler, one invocation at a
// time, as Lambda's Node runtime does. It's plain JavaScript, so that the process loads only Node and the bundle.
// Messages: see ../protocol.ts.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

const { env } = process;
// a bundle can replace its streams' write; the end markers must still be written
const writers = [process.stdout, process.stderr].map((stream) => stream.write.bind(stream));
let handler;
let requestId;

// the endpoint has exited, so this process exits too
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole process group, but the endpoint ends its processes itself
process.on('SIGINT', () => undefined);
process.on('uncaughtException', (error) => fail('Uncaught Exception', error));
process.on('unhandledRejection', (reason) => {
  const description = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  fail('Unhandled Promise Rejection', named('Runtime.UnhandledPromiseRejection', description));
});
process.on('message', (message) => void invoke(message));

try {
  handler = await load();
  process.send({ type: 'ready' });
} catch (error) {
  fail('Init Error', error);
}

async function load() {
  const name = env._HANDLER ?? 'index.handler';
  const dot = name.lastIndexOf('.');
  const [module, member] = [name.slice(0, dot), name.slice(dot + 1)];
  const file = ['.mjs', '.js', '.cjs'].map((end) => join(env.LAMBDA_TASK_ROOT, module + end)).find(existsSync);
  if (file === undefined) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${module}'`);
  const bundle = await import(pathToFileURL(file).href);
  // Node detects only some exports of CommonJS by name; `default` has all
  const found = bundle[member] ?? bundle.default?.[member];
  if (typeof found !== 'function') throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  return found;
}

async function invoke(message) {
  requestId = message.requestId;
  let reply;
  try {
    reply = { type: 'result', body: stringify(await handler(JSON.parse(message.event), contextOf(message))) };
  } catch (error) {
    writeError('Invoke Error', error);
    reply = { type: 'error', body: errorBody(error), fatal: false };
  }
  for (const write of writers) write(`\0end ${requestId}\0\n`);
  requestId = undefined;
  process.send(reply);
}

function contextOf({ requestId: awsRequestId, invokedFunctionArn, deadline }) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn,
    awsRequestId,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function stringify(result) {
  try {
    // a value that JSON can't express (undefined, a function) becomes null, as in Lambda
    return JSON.stringify(result) ?? 'null';
  } catch {
    throw named('Runtime.MarshalError', 'Unable to stringify response body');
  }
}

/** Reports a fatal error and exits. */
function fail(kind, error) {
  writeError(kind, error);
  const reply = { type: 'error', body: errorBody(error), fatal: true };
  if (process.connected) process.send(reply, () => process.exit(129));
  else process.exit(129);
}

/** Returns Lambda's error object as JSON. */
function errorBody(error) {
  if (!(error instanceof Error)) {
    return JSON.stringify({ errorType: typeof error, errorMessage: String(error), trace: [] });
  }
  const trace = (error.stack ?? '').split('\n');
  return JSON.stringify({ errorType: error.name, errorMessage: error.message, trace });
}

/** Logs an error with its own members, as Lambda's runtime does, so that log scans see them. */
function writeError(kind, error) {
  const fields = error instanceof Error ? { ...JSON.parse(errorBody(error)), ...error } : error;
  let text;
  try {
    text = JSON.stringify(fields);
  } catch {
    text = errorBody(error);
  }
  writers[0](`${new Date().toISOString()}\t${requestId ?? 'undefined'}\tERROR\t${kind} \t${text}\n`);
}

function named(name, message) {
  const error = new Error(message);
  error.name = name;
  return error;
}
