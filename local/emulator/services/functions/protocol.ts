/** What the endpoint and a function's process (runtime/bootstrap.mjs) tell each other, over the process's IPC channel. */

/** To the process: one invocation. */
export interface InvokeMessage {
  readonly requestId: string;
  /** JSON */
  readonly event: string;
  /** as the caller named it */
  readonly invokedFunctionArn: string;
  /** milliseconds since 1970 */
  readonly deadline: number;
}

/**
 * From the process: `ready` once its handler is loaded; then for each invocation a `result`, or an `error` whose body
 * is Lambda's error object. After a `fatal` error the process ends.
 */
export type RuntimeMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'result'; readonly body: string }
  | { readonly type: 'error'; readonly body: string; readonly fatal: boolean };

/**
 * What the process writes to both its streams before it tells a result, with the invocation's request id: the lines
 * before it belong to that invocation. A NUL can't stand in a line of JSON or of a stack.
 */
export const END_MARKER = /\0end ([0-9a-f-]+)\0$/;

/** undefined for what a bundle may have sent by itself: nobody asked for it */
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
