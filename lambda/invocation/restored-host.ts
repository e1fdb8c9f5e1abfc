import { VaultError } from '../contract/errors';

/** Where a database listens. */
export interface Place {
  readonly host: string;
  readonly port: number;
}

/** AWS Backup's name of a restored cluster; `ShareDatabase` never names one so. */
const RESTORED_NAME = /^awsbackup-restore-test-[a-z0-9-]{1,63}$/;
/** The endpoint of an Aurora cluster: its name, and the domain of all clusters of an account in a region. */
const ENDPOINT = /^([a-z0-9-]{1,63})\.(cluster-[a-z0-9]+(?:\.[a-z0-9-]+)+)$/;
const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * Throws `InvalidRequest` unless the place is a cluster of a restore test in the account and region of the vault's own cluster:
 * no other host gets a token. A vault whose own database is on this machine takes another port of this machine.
 */
export function requireRestored(place: Place, own: Place): void {
  const isRestored = LOOPBACK.has(own.host) ? isBeside(place, own) : isRestoredCluster(place, own);
  if (!isRestored)
    throw new VaultError('InvalidRequest', 'cluster: expected a cluster of a restore test, got another host');
}

function isBeside(place: Place, own: Place): boolean {
  return LOOPBACK.has(place.host) && place.port !== own.port;
}

function isRestoredCluster(place: Place, own: Place): boolean {
  const [, name, domain] = ENDPOINT.exec(place.host) ?? [];
  const [, ownName, ownDomain] = ENDPOINT.exec(own.host) ?? [];
  if (name === undefined || domain === undefined) return false;
  return RESTORED_NAME.test(name) && name !== ownName && domain === ownDomain;
}
