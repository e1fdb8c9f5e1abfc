import * as lambda from 'aws-cdk-lib/aws-lambda';

/**
 * A Lambda function that nothing but a direct, synchronous call can reach: material must never lie in a queue, be tried
 * again behind the caller's back, or go to a destination.
 */
export class ClosedFunction extends lambda.Function {
  public override addEventSource(): never {
    throw new Error('expected a function without event sources, got one: a vault answers direct calls alone');
  }

  public override addEventSourceMapping(): never {
    throw new Error('expected a function without event sources, got a mapping: a vault answers direct calls alone');
  }

  public override addFunctionUrl(): never {
    throw new Error('expected a function without a URL, got one: a vault answers calls that IAM allowed alone');
  }
}
