import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { callerIdentityCheck } from '../elsewhere/caller-identity-check';
import { type Elsewhere, startElsewhere } from '../elsewhere/server';
import type { IdentityIssuer } from '../elsewhere/stand-in';
import { privateFolder } from '../services/files';
import type { FunctionPart } from '../template';
import type { Authority } from './authority';
import type { RunningStandIns } from './contract';
import { startOutsideSts } from './outside-sts';
import { runsHere } from './runs-here';
import type { Site } from './site';

/** The stand-ins of a deployment, and the variables by which its functions reach them. */
export interface StandIns {
  readonly running: RunningStandIns | undefined;
  /** by function's logical id */
  readonly variables: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** An issuer of an account without outbound web identity federation: no token is valid. */
const NO_ISSUER: IdentityIssuer = { url: 'https://disabled.invalid', verify: () => Promise.resolve(undefined) };

/**
 * Starts the application's stand-ins of services outside AWS. Each function that calls them gets a proxy of its own, which
 * refuses the hosts that the function's network doesn't reach: in AWS these connections would time out.
 */
export async function startStandIns(site: Site, authority: Authority, url: string): Promise<StandIns> {
  const { options, template, issuer = NO_ISSUER, closers } = site;
  const none = { running: undefined, variables: new Map<string, never>() };
  const callers = template.functions().filter((part) => runsHere(part) && options.callsElsewhere?.(part));
  if (callers.length === 0) return none;
  const dir = join(site.dir, 'elsewhere');
  const callerIdentity = callerIdentityCheck(url, await startOutsideSts(site));
  const standIns = (await options.standIns?.({ template, dir, issuer, callerIdentity })) ?? [];
  if (standIns.length === 0) return none;
  privateFolder(dir);
  const elsewhere = await startElsewhere({ standIns, dir });
  closers.push(() => elsewhere.close());
  const variables = callers.map(async (part) => [part.logicalId, await variablesOf(part, elsewhere, site, authority)] as const); // prettier-ignore
  const { proxyUrl, caFile, serviceFaults } = elsewhere;
  return { running: { standIns, proxyUrl, caFile, serviceFaults }, variables: new Map(await Promise.all(variables)) };
}

async function variablesOf(
  part: FunctionPart,
  elsewhere: Elsewhere,
  { template, identities }: Site,
  authority: Authority,
): Promise<Readonly<Record<string, string>>> {
  const proxy = await elsewhere.openProxy({
    obstacle: (address) => template.outwardObstacle(part, address),
    onRefused: (address, reason) => {
      const principal = identities.functionRole(part);
      const request = { principal, action: 'network:Connect', resource: address };
      authority.refuse(request, reason, randomUUID(), 'TimeoutError');
    },
  });
  return { HTTPS_PROXY: proxy, NODE_EXTRA_CA_CERTS: elsewhere.caFile };
}
