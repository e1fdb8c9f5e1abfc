/** Messages between the endpoint and a function's process (runtime/bootstrap.mjs) over the process's IPC channel. */

/** Starts one invocation; sent to the process. */
export interface InvokeMessage {
  readonly requestId: string;
  /** JSON */
  readonly event: string;
  /** with the caller's qualifier */
  readonly invokedFunctionArn: string;
  /** milliseconds since 1970 */
  readonly deadline: number;
}

/**
 * Sent by the process: `ready` once its handler is loaded, then for each invocation a `result`, or an `error` with
 * Lambda's error object as its body. The process exits after a `fatal` error.
 */
export type RuntimeMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly body: string }
  | { readonly type: 'error'; readonly body: string; readonly fatal: boolean };

/**
 * Marks the end of an invocation's lines in both streams, with the request id. The process writes it before it sends a
 * result. JSON and stack traces contain no NUL.
 */
export const END_MARKER = /\0end ([0-9a-f-]+)\0$/;

/** Returns undefined for any other message: a bundle can send messages of its own. */
export function parseRuntimeMessage(message: unknown): RuntimeMessage | undefined {
  if (typeof message === 'object' && message !== null && 'type' in message) {
    if (message.type === 'ready') return { type: 'ready' };
    if ('body' in message && typeof message.body === 'string') {
      if (message.type === 'result') return { type: 'result', body: message.body };
      if (message.type === 'error') return { type: 'error', body: message.body, fatal: Reflect.get(message, 'fatal') === true }; // prettier-ignore
    }
  }
  return undefined;
}
