import type { IncomingMessage } from 'node:http';

/** The operation that a request's method and path name. */
export interface Route {
  readonly operation: string;
  /** URL-encoded; undefined for a list of all functions */
  readonly name: string | undefined;
  /** URL-encoded; undefined unless the path ends with an alias's name */
  readonly alias: string | undefined;
  readonly query: URLSearchParams;
}

const PATH = /^\/2015-03-31\/functions(?:\/(?<name>[^/]+)(?:\/(?<part>[a-z]+)(?:\/(?<alias>[^/]+))?)?)?\/?$/;

const OPERATIONS: Readonly<Record<string, string>> = {
  'GET functions': 'ListFunctions',
  'GET function': 'GetFunction',
  'GET configuration': 'GetFunctionConfiguration',
  'POST invocations': 'Invoke',
  'GET aliases': 'ListAliases',
  'GET alias': 'GetAlias',
  'GET versions': 'ListVersionsByFunction',
};

/** Returns the route of a request; undefined if Lambda has no such operation here. */
export function routeOf({ method = '', url = '' }: IncomingMessage): Route | undefined {
  const [path = '', query] = url.split('?', 2);
  const groups = PATH.exec(path)?.groups;
  if (groups === undefined) return undefined;
  const { name, part, alias } = groups;
  if (alias !== undefined && part !== 'aliases') return undefined;
  const of = alias === undefined ? (part ?? (name === undefined ? 'functions' : 'function')) : 'alias';
  const operation = OPERATIONS[`${method} ${of}`];
  return operation === undefined ? undefined : { operation, name, alias, query: new URLSearchParams(query) };
}
