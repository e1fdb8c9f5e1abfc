import { type FunctionReference, isQualifier, parseFunctionReference } from '../../function-reference';
import { LambdaError } from './errors';

/** Region and account of the endpoint: it finds no functions of others. */
export interface Place {
  readonly region: string;
  /** 12 digits */
  readonly accountId: string;
}

/**
 * Parses the function name of an Invoke: a name, a partial ARN (`ACCOUNT:function:NAME`) or an ARN, each with or
 * without `:QUALIFIER`. The qualifier can also be a parameter. Throws `InvalidParameterValueException` on other text
 * and if two qualifiers differ, `ResourceNotFoundException` on another region or account.
 */
export function parseFunctionName(text: string, qualifier: string | undefined, place: Place): FunctionReference {
  const reference = parseFunctionReference(text);
  if (reference === undefined || (qualifier !== undefined && !isQualifier(qualifier))) {
    throw new LambdaError('InvalidParameterValueException', 'expected a function name or ARN, got something else');
  }
  const { name, qualifier: within, region = place.region, account = place.accountId } = reference;
  if (within !== undefined && qualifier !== undefined && within !== qualifier) {
    const message = 'The derived qualifier from the function name does not match the specified qualifier.';
    throw new LambdaError('InvalidParameterValueException', message);
  }
  if (region !== place.region || account !== place.accountId) {
    throw new LambdaError('ResourceNotFoundException', `Function not found: ${text}`);
  }
  return { name, qualifier: within ?? qualifier };
}

/** Returns `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`. */
export function functionArn({ region, accountId }: Place, { name, qualifier }: FunctionReference): string {
  const unqualified = `arn:aws:lambda:${region}:${accountId}:function:${name}`;
  return qualifier === undefined ? unqualified : `${unqualified}:${qualifier}`;
}
