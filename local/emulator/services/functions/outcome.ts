import type { Reply } from './runtime-process';

/** Maximum bytes of a synchronous invocation's event and of its result, as JSON. */
export const PAYLOAD_LIMIT = 6_291_556;

/** The result of an invocation for its caller. */
export interface Outcome {
  /** JSON: the handler's result, or Lambda's error object */
  readonly body: string;
  readonly functionError: boolean;
  /** Lambda's own line in the log, if the handler could not return a result */
  readonly problem: string | undefined;
}

export function outcomeOf(requestId: string, reply: Reply): Outcome {
  switch (reply.type) {
    case 'result':
      return Buffer.byteLength(reply.body) > PAYLOAD_LIMIT
        ? failure(requestId, 'Function.ResponseSizeTooLarge', `Response payload size exceeded maximum allowed payload size (${PAYLOAD_LIMIT} bytes).`) // prettier-ignore
        : { body: reply.body, functionError: false, problem: undefined };
    case 'error':
      return { body: reply.body, functionError: true, problem: undefined };
    case 'timeout':
      return failure(
        requestId,
        'Sandbox.Timedout',
        `Task timed out after ${(reply.afterMs / 1000).toFixed(2)} seconds`,
      );
    case 'exit':
      return failure(requestId, 'Runtime.ExitError', reply.status === undefined ? 'Runtime exited without providing a reason' : `Runtime exited with error: ${reply.status}`); // prettier-ignore
    case 'ready':
      return failure(requestId, 'Runtime.ExitError', 'Runtime started twice');
  }
}

function failure(requestId: string, errorType: string, text: string): Outcome {
  const problem = `RequestId: ${requestId} Error: ${text}`;
  return { body: JSON.stringify({ errorType, errorMessage: problem }), functionError: true, problem };
}
