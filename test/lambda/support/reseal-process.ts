import type { Context } from 'aws-lambda';
import { handler } from '../../../lambda/reseal';

/** Runs the function in a process of its own: an event as a message, its result as another. */
const context = {
  awsRequestId: 'request-1',
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:111122223333:function:reseal:run',
  getRemainingTimeInMillis: () => 60_000,
};

process.on('message', (event) => {
  void handler(event, context as Context).then(
    (result) => process.send?.(result ?? {}),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.name : 'unknown' }),
  );
});
