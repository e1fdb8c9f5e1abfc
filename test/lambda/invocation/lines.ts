import { afterEach, beforeEach, jest } from '@jest/globals';
import type { Context } from 'aws-lambda';

export const ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:share-vault-seal:signer';

export const context = (arn = ARN, remaining = 3_000) =>
  ({ awsRequestId: 'request-1', invokedFunctionArn: arn, getRemainingTimeInMillis: () => remaining }) as Context;

/** The lines that the running test wrote to standard output: `useLines` keeps them. */
export const lines: string[] = [];

export const logged = (): unknown[] => lines.map((line) => JSON.parse(line) as unknown);

/** Keeps the lines that each test of a file writes to standard output, and prints none. */
export function useLines(): void {
  beforeEach(() => {
    lines.length = 0;
    jest.spyOn(process.stdout, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
}
