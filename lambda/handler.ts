import type { Context } from 'aws-lambda';
import { type Actor, readActor } from './actor';
import { type Deadline, deadlineIn } from './deadline';
import { ENV, ENVIRONMENT_PATTERN } from './env';
import { VaultError } from './errors';
import { causeName, log } from './log';
import { MessageError } from './message';

/** One invocation: its id, how long it may take, and under which name it was allowed. */
export interface Call {
  readonly requestId: string;
  readonly deadline: Deadline;
}

export interface ActorCall extends Call {
  readonly actor: Actor;
}

export type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** Milliseconds of the function's time that are kept for saying why it failed. */
const ANSWER_MARGIN_MS = 250;

/**
 * A handler that only actors may call. `open` makes the function's parts once an execution environment; when it fails,
 * the next invocation tries again.
 */
export function actorHandler<Parts extends { readonly actors: ReadonlyMap<string, readonly string[]> }>(
  name: string,
  open: () => Parts,
  act: (event: unknown, call: ActorCall, parts: Parts) => Promise<unknown>,
): Handler {
  const parts = once(open);
  return (event, context) =>
    answer(name, context, async (call, caller) => {
      const opened = parts();
      const actor = readActor(context.invokedFunctionArn, opened.actors);
      caller.actor = actor.name;
      return act(event, { ...call, actor }, opened);
    });
}

/** A handler that is run on deploy, by whoever may invoke it. */
export function deployHandler<Parts>(
  name: string,
  open: () => Parts,
  act: (call: Call, parts: Parts) => Promise<unknown>,
): Handler {
  const parts = once(open);
  return (_event, context) => answer(name, context, async (call) => act(call, parts()));
}

async function answer(
  name: string,
  context: Context,
  act: (call: Call, caller: { actor?: string }) => Promise<unknown>,
): Promise<unknown> {
  const started = performance.now();
  const requestId = context.awsRequestId;
  const line = { environment: environmentName(), function: name, requestId };
  // known once the actor was read: refusals are logged with it too
  const caller: { actor?: string } = {};
  const elapsed = (): number => Math.round(performance.now() - started);
  try {
    const deadline = deadlineIn(context.getRemainingTimeInMillis() - ANSWER_MARGIN_MS);
    const result = await act({ requestId, deadline }, caller);
    log('info', 'answered', { ...line, ...caller, milliseconds: elapsed() });
    return result;
  } catch (error) {
    const failure = asVaultError(error);
    log('error', 'refused', {
      ...line,
      ...caller,
      code: failure.name,
      problem: failure.message,
      cause: causeName(failure.cause),
      milliseconds: elapsed(),
    });
    // the cause stays here: it may quote what a parser was given
    throw new VaultError(failure.name, failure.message);
  }
}

/** Whatever was caught as the one class that may leave; what is unknown leaves without its own words. */
function asVaultError(error: unknown): VaultError {
  if (error instanceof VaultError) return error;
  if (error instanceof MessageError) return new VaultError(error.name, error.message, { cause: error });
  return new VaultError('InternalError', 'unexpected failure', { cause: error });
}

/** For the log line, which is written even where the environment can't be read. */
function environmentName(): string {
  const name = process.env[ENV.environment] ?? '';
  return ENVIRONMENT_PATTERN.test(name) ? name : 'unknown';
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
