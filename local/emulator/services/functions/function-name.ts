import { LambdaError } from './errors';

/** Region and account of the endpoint: it finds no functions of others. */
export interface Place {
  readonly region: string;
  /** 12 digits */
  readonly accountId: string;
}

/** A function and its qualifier in a request: an alias, a version, or none. */
export interface FunctionReference {
  readonly name: string;
  readonly qualifier: string | undefined;
}

const NAME = '(?<name>[a-zA-Z0-9_-]{1,140})';
const QUALIFIER = '(?::(?<qualifier>\\$LATEST|[a-zA-Z0-9_-]{1,128}))?';
const ARN = '(?:arn:aws[a-z-]*:lambda:(?<region>[a-z0-9-]+):)?(?<account>\\d{12}):function:';
const REFERENCE = new RegExp(`^(?:${ARN})?${NAME}${QUALIFIER}$`);

/**
 * Parses the function name of an Invoke: a name, a partial ARN (`ACCOUNT:function:NAME`) or an ARN, each with or
 * without `:QUALIFIER`. The qualifier can also be a parameter. Throws `InvalidParameterValueException` on other text
 * and if two qualifiers differ, `ResourceNotFoundException` on another region or account.
 */
export function parseFunctionName(text: string, qualifier: string | undefined, place: Place): FunctionReference {
  const groups = REFERENCE.exec(text)?.groups;
  if (groups?.name === undefined || (qualifier !== undefined && !isQualifier(qualifier))) {
    throw new LambdaError('InvalidParameterValueException', 'expected a function name or ARN, got something else');
  }
  const within = groups.qualifier;
  if (within !== undefined && qualifier !== undefined && within !== qualifier) {
    const message = 'The derived qualifier from the function name does not match the specified qualifier.';
    throw new LambdaError('InvalidParameterValueException', message);
  }
  const { region = place.region, account = place.accountId } = groups;
  if (region !== place.region || account !== place.accountId) {
    throw new LambdaError('ResourceNotFoundException', `Function not found: ${text}`);
  }
  return { name: groups.name, qualifier: within ?? qualifier };
}

/** Returns `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`. */
export function functionArn({ region, accountId }: Place, { name, qualifier }: FunctionReference): string {
  const unqualified = `arn:aws:lambda:${region}:${accountId}:function:${name}`;
  return qualifier === undefined ? unqualified : `${unqualified}:${qualifier}`;
}

function isQualifier(text: string): boolean {
  return /^(?:\$LATEST|[a-zA-Z0-9_-]{1,128})$/.test(text);
}
