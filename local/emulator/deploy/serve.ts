import { join } from 'node:path';
import { attachServices } from '../services/aws-server';
import { type LambdaEndpoint, createLambdaEndpoint } from '../services/functions/endpoint';
import type { FunctionOptions } from '../services/functions/lambda-function';
import { type BoundPort, bindPort } from '../services/port';
import { LocalS3 } from '../services/s3';
import { createSts } from '../services/sts';
import type { LocalPostgres } from '../postgres';
import { type BoundApis, bindApis } from './apis';
import type { Authority } from './authority';
import { EventBus } from './event-bus';
import { invocationCalls, refusedCalls } from './calls';
import { type LoginCluster, clusterOf, databaseLogins } from './database';
import { functionOptions } from './functions';
import { Gate } from './gate';
import { rotationEvent } from './kms-events';
import { Restores } from './restores';
import type { Site } from './site';
import type { StandIns } from './stand-ins';
import { createStates } from './state-machines';

/** Ports that are bound before the services attach, because functions and parameters can refer to their URLs. */
export interface Ports {
  /** the port of all AWS services */
  readonly aws: BoundPort;
  readonly apis: BoundApis;
}

export async function bindPorts(site: Site): Promise<Ports> {
  const aws = await bindPort(site.options.port);
  site.closers.push(() => aws.close());
  return { aws, apis: await bindApis(site) };
}

export interface Served {
  readonly gate: Gate;
  readonly bus: EventBus;
  readonly lambda: LambdaEndpoint;
  readonly restores: Restores;
  /** the settings of the functions */
  readonly functions: readonly FunctionOptions[];
}

/** A database and the ports that its clients connect to. */
export interface Logins {
  readonly postgres: LocalPostgres;
  readonly ports: readonly number[];
}

/** What is started before the services attach. */
export interface Serving {
  readonly ports: Ports;
  readonly authority: Authority;
  readonly logins: Logins;
  readonly standIns: StandIns;
}

/** Attaches the services, the APIs and the database logins to their ports. One gate authorises all of them. */
export function serve(site: Site, serving: Serving): Served {
  const { ports, authority, logins } = serving;
  const { aws, apis } = ports;
  const { template, place, identities, trail, kms, secrets, parameters, issuer, closers } = site;
  const onRefused = refusedCalls(site.options.onCall);
  const gate = new Gate({ place, authority, identities, trail, kms, secrets, onRefused });
  const { lambda, functions } = createFunctions(site, serving);
  const sts = createSts((accessKeyId) => identities.sessions.find(accessKeyId), issuer);
  const known = { region: place.region, identities, gate };
  const restores = new Restores({ ...known, site, postgres: logins.postgres });
  const parts = { template, place, authority, identities, gate, lambda, restores };
  const states = createStates(template, parts, site.options.longestWaitSeconds);
  const bus = new EventBus({ ...parts, states });
  restores.onCompleted((event) => bus.send(event));
  kms.onRotated((rotated) => bus.send(rotationEvent(rotated)));
  const endpoint = attachServices(aws, {
    services: [kms, secrets, parameters, lambda, sts, states, createS3(site)],
    guard: gate,
  });
  // closers run in reverse order: the functions end before the services that they call
  closers.push(
    () => apis.close(),
    () => endpoint.close(),
    () => bus.close(),
    () => lambda.close(),
    () => restores.close(),
    () => states.close(),
  );
  apis.attach(lambda, gate);
  const cluster = (): LoginCluster => clusterOf(template);
  logins.postgres.attachLogins(databaseLogins({ cluster, ...known, ports: logins.ports }));
  return { gate, bus, lambda, functions, restores };
}

/** Creates S3 with the template's buckets, in the folder of the services' data. */
export function createS3({ template, awsDir, place }: Pick<Site, 'template' | 'awsDir' | 'place'>): LocalS3 {
  const buckets = template.buckets().map(({ name, versioned, objectLock, retention }) => {
    return { name, versioned, account: place.account, lock: objectLock ? { byDefault: retention } : undefined };
  });
  return new LocalS3({ buckets, dir: join(awsDir, 's3') });
}

function createFunctions(
  site: Site,
  { ports, authority, logins, standIns }: Serving,
): Pick<Served, 'lambda' | 'functions'> {
  const { template, place, identities, dir, logDir, options } = site;
  const unlogged = new Set<string>();
  const functions = functionOptions({
    ...{ template, place, identities, authority, postgres: logins.postgres, url: ports.aws.url },
    ...{ timeoutMs: options.timeoutMs, variables: options.variables, dir: join(dir, 'inline') },
    elsewhere: standIns.variables,
    mayLog: (name, may) => (may ? unlogged.delete(name) : unlogged.add(name)),
  });
  const lambda = createLambdaEndpoint({
    ...{ region: place.region, accountId: place.account, functions, logDir },
    mayLog: (name) => !unlogged.has(name),
    onInvoked: invocationCalls(options.onCall),
  });
  return { lambda, functions };
}
