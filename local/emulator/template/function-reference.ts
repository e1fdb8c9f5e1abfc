/** The name of a function, and its qualifier: an alias, a version, or none. */
export interface FunctionReference {
  readonly name: string;
  readonly qualifier: string | undefined;
}

const REFERENCE =
  /^(?:(?:arn:aws[a-z-]*:lambda:[a-z0-9-]+:)?\d{12}:function:)?(?<name>[\w-]{1,140})(?::(?<qualifier>\$LATEST|[\w-]{1,128}))?$/;

/** How API Gateway spells a function that it calls. */
const INVOCATION = /^arn:aws[a-z-]*:apigateway:[^:]*:lambda:path\/2015-03-31\/functions\/(?<function>.+)\/invocations$/;

/** Reads a name, a partial ARN or an ARN, each with or without a qualifier, or API Gateway's path. */
export function functionOf(text: string): FunctionReference | undefined {
  const groups = REFERENCE.exec(INVOCATION.exec(text)?.groups?.function ?? text)?.groups;
  return groups?.name === undefined ? undefined : { name: groups.name, qualifier: groups.qualifier };
}
