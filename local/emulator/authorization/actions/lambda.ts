import * as v from 'valibot';
import { parseFunctionReference } from '../../function-reference';
import { AuthorizationError } from '../errors';
import { type Operations, type Place, type ReadActions, NAME, readMembers } from './call';

const INPUT = v.object({ FunctionName: NAME, Qualifier: v.optional(NAME) });

export const lambdaOperations: Operations = {
  // the names of the operation and the action differ
  Invoke: onFunction('InvokeFunction'),
  ...Object.fromEntries(
    [
      ...['GetFunction', 'GetFunctionConfiguration', 'UpdateFunctionConfiguration', 'UpdateFunctionCode'],
      ...['ListAliases', 'GetAlias', 'ListVersionsByFunction'],
    ].map((operation) => [operation, onFunction(operation)]),
  ),
  ListFunctions: () => [{ action: 'lambda:ListFunctions', resource: '*', facts: {} }],
};

/** The ARN includes the qualifier: a permission on an alias doesn't apply to the function, and the reverse. */
function onFunction(action: string): ReadActions {
  return (input, place) => {
    const { FunctionName, Qualifier } = readMembers(INPUT, input);
    return [{ action: `lambda:${action}`, resource: arnOf(FunctionName, Qualifier, place), facts: {} }];
  };
}

function arnOf(text: string, qualifier: string | undefined, place: Place): string {
  const reference = parseFunctionReference(text);
  if (!reference) throw new AuthorizationError('RequestInvalid', 'expected a function name or ARN');
  const { name, qualifier: within, region = place.region, account = place.account } = reference;
  if (within !== undefined && qualifier !== undefined && within !== qualifier) {
    throw new AuthorizationError('RequestInvalid', 'expected one qualifier, got two that differ');
  }
  const chosen = within ?? qualifier;
  return `arn:aws:lambda:${region}:${account}:function:${name}${chosen === undefined ? '' : `:${chosen}`}`;
}
