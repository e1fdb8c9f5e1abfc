import { join } from 'node:path';
import { startAwsServer } from '../services/json-server';
import { type LambdaEndpoint, createLambdaEndpoint } from '../services/functions/endpoint';
import type { FunctionOptions } from '../services/functions/lambda-function';
import type { LocalPostgres } from '../postgres';
import { type Apis, startApis } from './apis';
import type { Authority } from './authority';
import { functionOptions } from './functions';
import { Gate } from './gate';
import { admission } from './invocations';
import { type Site, portInUse, standing } from './site';

/** The HTTP APIs come first: functions and parameters may name their addresses. */
export async function serveApis(site: Site): Promise<Apis> {
  const { template, place, names, later, options, closers } = site;
  const apis = await startApis({
    ...{ template, place, names, port: options.webhookPort, isWebhook: options.isWebhook },
    authority: () => standing(later.authority, 'policies'),
    lambda: () => standing(later.lambda, 'functions'),
  }).catch(portInUse(options.webhookPort));
  closers.push(() => apis.close());
  return apis;
}

export interface Served {
  readonly url: string;
  readonly lambda: LambdaEndpoint;
  /** as they were made */
  readonly functions: readonly FunctionOptions[];
}

/** One endpoint for KMS, Secrets Manager, Parameter Store and Lambda, and the functions behind it. */
export async function serveAws(site: Site, authority: Authority, postgres: LocalPostgres): Promise<Served> {
  const { place, identities, trail, kms, secrets, parameters, later, options, closers } = site;
  const server = await startAwsServer({
    services: [kms, secrets, parameters],
    ...(options.port !== undefined && { port: options.port }),
    intercept: (request, response) => later.lambda?.handle(request, response) ?? false,
    guard: new Gate({ place, authority, identities, trail, kms, secrets }),
  }).catch(portInUse(options.port));
  closers.push(() => server.close());
  const { lambda, functions } = startFunctions(site, authority, postgres, server.url);
  later.lambda = lambda;
  closers.push(() => lambda.close());
  return { url: server.url, lambda, functions };
}

function startFunctions(site: Site, authority: Authority, postgres: LocalPostgres, url: string): Omit<Served, 'url'> {
  const { template, place, identities, dir, logDir, options } = site;
  const unlogged = new Set<string>();
  const functions = functionOptions({
    ...{ template, place, identities, authority, postgres, url, timeoutMs: options.timeoutMs },
    variables: options.variables,
    dir: join(dir, 'inline'),
    mayLog: (name, may) => (may ? unlogged.delete(name) : unlogged.add(name)),
  });
  const lambda = createLambdaEndpoint({
    ...{ region: place.region, accountId: place.account, functions, logDir },
    mayLog: (name) => !unlogged.has(name),
    admit: admission({ place, identities, authority }),
  });
  return { lambda, functions };
}
