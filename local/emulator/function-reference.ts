/** The name of a function, and its qualifier: an alias, a version, or none. */
export interface FunctionReference {
  readonly name: string;
  readonly qualifier: string | undefined;
}

/** A function reference, with the region and the account that it contains. */
export interface ParsedFunctionReference extends FunctionReference {
  readonly region: string | undefined;
  readonly account: string | undefined;
}

const ARN = '(?:arn:aws[a-z-]*:lambda:(?<region>[a-z0-9-]+):)?(?<account>\\d{12}):function:';
const NAME = '[\\w-]{1,140}';
const QUALIFIER = '(?:\\$LATEST|[\\w-]{1,128})';
const REFERENCE = new RegExp(`^(?:${ARN})?(?<name>${NAME})(?::(?<qualifier>${QUALIFIER}))?$`);
const ONLY_QUALIFIER = new RegExp(`^${QUALIFIER}$`);

/**
 * Reads a function name, a partial ARN (`ACCOUNT:function:NAME`) or an ARN, each with or without `:QUALIFIER`. Returns
 * undefined for any other text.
 */
export function parseFunctionReference(text: string): ParsedFunctionReference | undefined {
  const { name, qualifier, region, account } = REFERENCE.exec(text)?.groups ?? {};
  return name === undefined ? undefined : { name, qualifier, region, account };
}

/** Returns whether a text is `$LATEST`, or can be an alias's name or a version's number. */
export function isQualifier(text: string): boolean {
  return ONLY_QUALIFIER.test(text);
}
