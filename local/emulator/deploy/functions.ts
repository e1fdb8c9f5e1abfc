import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionDetails, FunctionOptions } from '../services/functions/lambda-function';
import type { LocalPostgres } from '../postgres';
import { variablesProblem } from '../services/functions/variables';
import { type FunctionPart, type Skipped, type StackTemplate, TemplateError } from '../template';
import type { Authority } from './authority';
import { type Identities, SESSION_SECONDS, credentialsOf } from './identities';
import { launch } from './launch';
import type { Application } from './contract';
import type { StackPlace } from './place';
import { runsHere } from './runs-here';
import type { StandIns } from './stand-ins';

/** The greatest concurrency on one machine: less than an account's limit, more than a burst of deliveries needs. */
const CONCURRENCY = 24;

export interface FunctionsOptions {
  readonly template: StackTemplate;
  readonly place: StackPlace;
  readonly identities: Identities;
  readonly authority: Authority;
  readonly postgres: LocalPostgres;
  /** the URL of the AWS endpoint */
  readonly url: string;
  /** overrides the template's variables */
  readonly variables: Application['variables'];
  /** variables by which functions reach stand-ins, by function's logical id */
  readonly elsewhere: StandIns['variables'];
  /** the folder for code that is inline in the template */
  readonly dir: string;
  /** an upper limit for the functions' timeouts */
  readonly timeoutMs: number | undefined;
  /** receives the function's name, and true if its role may write its log */
  readonly mayLog: (name: string, may: boolean) => void;
}

/** Returns the functions that can't run here, with their runtimes. */
export function skippedFunctions(template: StackTemplate): readonly Skipped[] {
  return template.functions().flatMap((part) => {
    const { logicalId, code, runtime = 'a container image' } = part;
    const archived = code.kind === 'archive' ? ', its code in an archive' : '';
    return runsHere(part) ? [] : [{ type: `AWS::Lambda::Function of ${runtime}${archived}`, logicalId }];
  });
}

/** Throws `TemplateError` if Lambda would refuse a function's variables. */
export function requireVariables(template: StackTemplate): void {
  for (const { logicalId, environment } of template.functions()) {
    const problem = variablesProblem(environment);
    if (problem !== undefined) throw new TemplateError(`${template.resolver.template.file}: ${logicalId}: ${problem}`);
  }
}

/** Returns the Lambda settings of the functions: code, variables, role, limits and aliases. */
export function functionOptions(of: FunctionsOptions): readonly FunctionOptions[] {
  return of.template
    .functions()
    .filter(runsHere)
    .map((part) => optionsOf(part, of));
}

function optionsOf(part: FunctionPart, of: FunctionsOptions): FunctionOptions {
  const { template, identities, timeoutMs = Infinity } = of;
  const { logicalId, name, handler, memoryMb, reservedConcurrency = CONCURRENCY } = part;
  const traced = JSON.stringify(template.resolver.property(logicalId, 'TracingConfig') ?? {}).includes('"Active"');
  return {
    name,
    bundleDir: folderOf(part, of.dir),
    ...(handler !== undefined && { handler }),
    env: variablesOf(part, of),
    aliases: template.aliases().flatMap((alias) => (alias.function === logicalId ? [alias.name] : [])),
    timeoutMs: Math.min(part.timeoutSeconds * 1_000, timeoutMs),
    maxConcurrency: Math.min(reservedConcurrency, CONCURRENCY),
    memoryMb,
    credentials: renewedCredentials(part, identities),
    extraConfiguration: ineffectiveSettings(part),
    details: detailsOf(part),
    beforeStart: () => launch({ ...of, part, traced, mayLog: (may) => of.mayLog(name, may) }),
  };
}

/**
 * Returns a function's variables: the template's, the application's overrides, and the endpoint of all services, plain
 * HTTP on loopback. All other differences to AWS result from the template's references.
 */
function variablesOf(
  part: FunctionPart,
  { template, postgres, url, variables, elsewhere }: FunctionsOptions,
): Record<string, string> {
  const endpoints = Object.keys(part.environment).filter((name) => name.startsWith('AWS_ENDPOINT_URL_'));
  return {
    ...part.environment,
    ...Object.fromEntries(endpoints.map((name) => [name, url])),
    ...variables?.({ part, template, postgres }),
    ...elsewhere.get(part.logicalId),
    AWS_ENDPOINT_URL: url,
  };
}

/** Returns the settings of a function that are reported but have no effect here. */
function ineffectiveSettings({
  runtime,
  roleArn,
  network,
  kmsKeyArn,
  logGroup,
}: FunctionPart): Readonly<Record<string, unknown>> {
  return {
    Runtime: runtime,
    Role: roleArn,
    KMSKeyArn: kmsKeyArn,
    LoggingConfig: logGroup === undefined ? undefined : { LogGroup: logGroup, LogFormat: 'Text' },
    VpcConfig: network && {
      VpcId: network.vpcId,
      SubnetIds: network.subnets,
      SecurityGroupIds: network.securityGroups,
    },
  };
}

function detailsOf({ tags, reservedConcurrency }: FunctionPart): FunctionDetails {
  return {
    ...(Object.keys(tags).length > 0 && { Tags: tags }),
    ...(reservedConcurrency !== undefined && { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
  };
}

/** Returns credentials that are renewed after half of their lifetime, so processes end before the session expires. */
function renewedCredentials(part: FunctionPart, identities: Identities): () => ReturnType<typeof credentialsOf> {
  let session = identities.functionSession(part);
  return () => {
    if (session.expiresAt - identities.sessions.now() < (SESSION_SECONDS * 1_000) / 2)
      session = identities.functionSession(part);
    return credentialsOf(session);
  };
}

function folderOf({ code, name, logicalId }: FunctionPart, dir: string): string {
  if (code.kind === 'folder') return code.folder;
  if (code.kind !== 'inline') throw new TypeError(`expected code of ${logicalId} that runs here, got an ${code.kind}`);
  const folder = join(dir, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, 'index.js'), code.source, { mode: 0o600 });
  return folder;
}
