import type * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';

/**
 * A Lambda function that only a direct, synchronous call can reach: material must never wait in a queue, be retried
 * without the caller, or go to a destination.
 */
export class ClosedFunction extends lambda.Function {
  /**
   * Adds to the role's own policy. With a feature flag of the app, the CDK would create an inline policy for each
   * statement.
   */
  public override addToRolePolicy(statement: iam.PolicyStatement): void {
    this.role?.addToPrincipalPolicy(statement);
  }

  public override addEventSource(): never {
    return refuseSource('one');
  }

  public override addEventSourceMapping(): never {
    return refuseSource('a mapping');
  }

  public override addFunctionUrl(): never {
    return refuseUrl();
  }
}

/** An alias of a closed function, with the same restrictions. */
export class ClosedAlias extends lambda.Alias {
  public override addEventSource(): never {
    return refuseSource('one');
  }

  public override addEventSourceMapping(): never {
    return refuseSource('a mapping');
  }

  public override addFunctionUrl(): never {
    return refuseUrl();
  }
}

function refuseSource(got: string): never {
  throw new Error(`expected a function without event sources, got ${got}: a vault only accepts direct calls`);
}

function refuseUrl(): never {
  throw new Error('expected a function without a URL, got one: a vault only accepts calls that IAM authorized');
}
