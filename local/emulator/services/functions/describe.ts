import * as v from 'valibot';
import { LambdaError } from './errors';
import type { FunctionConfiguration, LambdaFunction } from './lambda-function';

/** The functions of an endpoint. */
export interface Functions {
  /** Returns a function. Throws `ResourceNotFoundException`. */
  readonly find: (name: string) => LambdaFunction;
  readonly all: () => readonly LambdaFunction[];
}

const NAMED = v.object({ FunctionName: v.string(), Qualifier: v.optional(v.string()), Name: v.optional(v.string()) });

/** Lambda returns at most 50 functions, aliases or versions in one response. */
const MAX_ITEMS = 50;
const PAGE = v.object({
  Marker: v.optional(v.string()),
  MaxItems: v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,4}$/), v.transform(Number)), String(MAX_ITEMS)),
  FunctionVersion: v.optional(v.string()),
});

type Describe = (input: unknown, functions: Functions) => object;

/** Operations that describe functions, by their names. */
export const DESCRIPTIONS: Readonly<Record<string, Describe>> = {
  ListFunctions: (input, functions) => {
    const all = functions.all().flatMap((each) => listed(each, versionsWanted(input)));
    return pageOf('Functions', all, input, ({ FunctionArn }) => FunctionArn);
  },

  GetFunction: (input, functions) => {
    const { FunctionName, Qualifier } = read(NAMED, input);
    const found = functions.find(FunctionName);
    // there is no URL to download the code from
    return { Configuration: found.configuration(Qualifier), Code: { RepositoryType: 'S3' }, ...found.details };
  },

  GetFunctionConfiguration: (input, functions) => {
    const { FunctionName, Qualifier } = read(NAMED, input);
    return functions.find(FunctionName).configuration(Qualifier);
  },

  ListVersionsByFunction: (input, functions) => {
    const all = listed(functions.find(read(NAMED, input).FunctionName), ['$LATEST', '1']);
    return pageOf('Versions', all, input, ({ Version }) => Version);
  },

  ListAliases: (input, functions) => {
    const { FunctionVersion } = read(PAGE, input);
    const all = functions
      .find(read(NAMED, input).FunctionName)
      .aliases()
      .filter((each) => FunctionVersion === undefined || each.FunctionVersion === FunctionVersion);
    return pageOf('Aliases', all, input, ({ Name }) => Name);
  },

  GetAlias: (input, functions) => {
    const { FunctionName, Name } = read(NAMED, input);
    const all = functions.find(FunctionName).aliases();
    const alias = all.find((each) => each.Name === Name);
    if (alias === undefined) throw new LambdaError('ResourceNotFoundException', `Cannot find alias: ${Name ?? ''}`);
    return alias;
  },
};

/** `FunctionVersion=ALL` adds the published versions to a list of functions. */
function versionsWanted(input: unknown): readonly string[] {
  const { FunctionVersion } = read(PAGE, input);
  if (FunctionVersion === undefined) return [''];
  if (FunctionVersion === 'ALL') return ['$LATEST', '1'];
  throw new LambdaError('InvalidParameterValueException', 'expected the function version ALL, got another one');
}

/** Returns the configurations in a list. Lists don't have the members of a function's state. */
function listed(fn: LambdaFunction, versions: readonly string[]): readonly FunctionConfiguration[] {
  const withoutState = { State: undefined, LastUpdateStatus: undefined };
  return versions.map((version) => ({ ...fn.configuration(version || undefined), ...withoutState }));
}

/** Returns one page of a list that is sorted by its items' ids, from the one after the marker on. */
function pageOf<T extends object>(
  member: string,
  items: readonly T[],
  input: unknown,
  idOf: (item: T) => string,
): object {
  const { Marker = '', MaxItems } = read(PAGE, input);
  const sorted = [...items].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
  const rest = sorted.filter((item) => idOf(item) > Marker);
  const page = rest.slice(0, Math.min(MaxItems, MAX_ITEMS));
  const last = page.length < rest.length ? page.at(-1) : undefined;
  return { [member]: page, ...(last !== undefined && { NextMarker: idOf(last) }) };
}

function read<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const message = `expected ${issue.expected ?? issue.type} at ${v.getDotPath(issue) ?? 'the request'}, got something else`;
  throw new LambdaError('InvalidParameterValueException', message);
}
