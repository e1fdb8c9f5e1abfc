import { ACTOR_PATTERN, ENVIRONMENT_PATTERN } from '../lambda/contract/patterns';
import { placeOf } from './arn';
import { callService } from './call-service';
import type { Connection } from './connection';
import { ShareVaultError } from './errors';
import { intakeKeyProblems } from './fetch-intake-keys';
import { FUNCTION_KEYS } from './options';

interface Parameter {
  readonly Name?: string | undefined;
  readonly Value?: string | undefined;
  readonly ARN?: string | undefined;
  readonly LastModifiedDate?: Date | undefined;
}

interface ParameterPage {
  readonly Parameters?: readonly Parameter[] | undefined;
  readonly NextToken?: string | undefined;
}

/** Reads parameters, as an `SSM` client of the SDK does: its own type would make each consumer's compiler read it. */
export interface ParameterStore {
  getParametersByPath(
    input: { Path: string | undefined; NextToken?: string | undefined },
    options: { abortSignal: AbortSignal },
  ): Promise<ParameterPage>;
}

export interface LookupOptions {
  readonly environment: string | undefined;
  readonly actor: string | undefined;
  readonly region?: string | undefined;
  /** @default - a client with the process's configuration */
  readonly ssm?: ParameterStore | undefined;
  /** whether the names and ARNs of intake keys are needed to seal */
  readonly needsKeys: boolean;
}

/** A vault publishes some ten parameters, on one page. */
const MAX_PAGES = 20;

/**
 * Looks an actor's functions and the intake keys up in Parameter Store. Throws `LookupFailed` that names every missing or
 * malformed parameter. Parameters are easier to change than functions and keys, so each must name the vault's own.
 */
export async function lookUp(options: LookupOptions): Promise<Connection> {
  const { environment = '', actor = '', needsKeys } = options;
  requireNames(environment, actor);
  const store = options.ssm ?? (await openStore(options.region));
  const path = `/share-vault/${environment}`;
  const published = await list(store, `${path}/actors/${actor}`);
  const problems: string[] = [];
  const functions: Record<string, string> = {};
  for (const key of FUNCTION_KEYS) {
    const parameter = published.find(({ Name }) => Name?.endsWith(`/${key}`));
    if (parameter === undefined) continue;
    const name = functionOf(parameter, `share-vault-${environment}-${key}`, actor);
    if (name === undefined)
      problems.push(`${path}/actors/${actor}/${key}: expected the ARN of the actor's alias there`);
    else functions[key] = name;
  }
  if (published.length === 0) problems.push(`expected parameters under ${path}/actors/${actor}/, got none`);
  const seals = needsKeys && functions.seal !== undefined;
  const keys = seals ? keysOf(await list(store, `${path}/keys/intake`)) : {};
  const wrong = seals ? intakeKeyProblems(keys, functions) : [];
  problems.push(...wrong.map((problem) => `${path}/keys/intake/: ${problem}`));
  if (problems.length === 0) return { environment, actor, functions, keys };
  const advice = 'is this the account and region of the vault, and does it have the actor';
  throw new ShareVaultError('LookupFailed', `parameters of the vault: ${problems.join('; ')}: ${advice}`);
}

function requireNames(environment: string, actor: string): void {
  const problems = [
    ...(ENVIRONMENT_PATTERN.test(environment) ? [] : ['environment']),
    ...(ACTOR_PATTERN.test(actor) ? [] : ['actor']),
  ];
  if (problems.length === 0) return;
  const texts = problems.map((name) => `${name}: expected the name of an ${name}`);
  throw new TypeError(`options of fromEnvironment: ${texts.join('; ')}, or neither`);
}

/** Returns the function of an alias that has this function's name and actor, in the parameter's own account and region. */
function functionOf({ ARN = '', Value = '' }: Parameter, name: string, actor: string): string | undefined {
  const ending = `:${actor}`;
  const [place, own] = [placeOf(Value), placeOf(ARN)];
  const arn = Value.slice(0, -ending.length);
  const isOwn = place !== undefined && place === own && Value.endsWith(ending);
  return isOwn && /^arn:[^:]+:lambda:[^:]+:\d{12}:function:/.test(arn) && arn.endsWith(`:function:${name}`)
    ? arn
    : undefined;
}

/** Returns the ARN of each key by its name, the newest first. */
function keysOf(parameters: readonly Parameter[]): Readonly<Record<string, string>> {
  const age = ({ LastModifiedDate }: Parameter): number => -(LastModifiedDate?.getTime() ?? 0);
  const newestFirst = [...parameters].sort((a, b) => age(a) - age(b));
  return Object.fromEntries(newestFirst.map(({ Name = '', Value = '' }) => [Name.split('/').at(-1) ?? '', Value]));
}

async function list(store: ParameterStore, Path: string): Promise<readonly Parameter[]> {
  const found: Parameter[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const result: ParameterPage = await callService({
      expected: `the parameters under ${Path}/ (ssm:GetParametersByPath)`,
      codes: { throttled: 'LookupFailed', unreachable: 'LookupFailed', refused: 'LookupFailed' },
      send: (abortSignal) => store.getParametersByPath({ Path, NextToken }, { abortSignal }),
    });
    found.push(...(result.Parameters ?? []));
    NextToken = result.NextToken;
    if (NextToken === undefined) break;
  }
  return found;
}

/** The name is put together, so that a bundler does not add the package to every consumer of this one. */
const PACKAGE = ['@aws-sdk', 'client-ssm'].join('/');

async function openStore(region: string | undefined): Promise<ParameterStore> {
  try {
    const { SSM } = (await import(PACKAGE)) as typeof import('@aws-sdk/client-ssm');
    return new SSM({ maxAttempts: 1, ...(region !== undefined && { region }) });
  } catch (cause) {
    const message = `expected the package ${PACKAGE}, got none: install it, or pass the option ssm`;
    throw new ShareVaultError('LookupFailed', message, { cause });
  }
}
