import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LocalParameters } from '../services/parameters';
import { LocalSecrets } from '../services/secrets';
import { WebIdentityIssuer } from '../services/web-identity';
import { openFolder } from './folder';
import { LocalKms } from '../services/kms';
import type { StackTemplate } from '../template';
import type { DeployOptions, Step } from './contract';
import { claimFolder } from './folder-stack';
import { requireOneDatabase } from './database';
import { Identities } from './identities';
import { requireSecretNames } from './outside-secrets';
import { requireValues } from './outside-values';
import { PhysicalNames } from './physical';
import type { StackPlace } from './place';
import { readStacks } from './read';
import { Trail, trailFile } from './trail';
import { requireUniqueNames } from './unique-names';

/** Functions that stop the started parts. They run in reverse order. They get true if the start failed. */
export type Closers = ((failed: boolean) => unknown)[];

/** The base of a deployment: its template, its folder, and the services, still empty. */
export interface Site {
  readonly options: DeployOptions;
  readonly step: Step;
  readonly closers: Closers;
  readonly template: StackTemplate;
  readonly names: PhysicalNames;
  readonly place: StackPlace;
  readonly dir: string;
  readonly awsDir: string;
  readonly logDir: string;
  readonly kms: LocalKms;
  readonly secrets: LocalSecrets;
  readonly parameters: LocalParameters;
  readonly trail: Trail;
  readonly identities: Identities;
  /** of web identity tokens; undefined if outbound web identity federation is disabled */
  readonly issuer: WebIdentityIssuer | undefined;
}

const quietly: Step = (_label, action) => action();

export async function openSite(options: DeployOptions, closers: Closers): Promise<Site> {
  const names = new PhysicalNames();
  const linked = readStacks(options, names);
  const { template, place } = linked;
  requireValues(linked);
  requireSecretNames(options.secrets, place);
  requireOneDatabase(linked);
  requireUniqueNames(linked);
  options.check?.(template);
  const folder = await openFolder(options.dataDir);
  closers.push((failed) => folder.release(failed));
  claimFolder(folder.dir, linked);
  const logDir = options.logDir ?? join(folder.dir, 'logs');
  mkdirSync(logDir, { recursive: true });
  const awsDir = join(folder.dir, 'aws');
  const trail = new Trail(trailFile(folder.dir));
  closers.push(() => trail.close());
  return {
    ...{ options, closers, template, names, place, awsDir, logDir, trail, dir: folder.dir },
    step: options.step ?? quietly,
    kms: new LocalKms({ dataDir: awsDir, ...place }),
    secrets: new LocalSecrets({ dataDir: awsDir, ...place }),
    parameters: new LocalParameters(place),
    identities: new Identities(template, options.sessionClock),
    issuer: options.webIdentity === false ? undefined : new WebIdentityIssuer(place),
  };
}
