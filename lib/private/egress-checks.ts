import { refuse, requireList, requireMembers, requireText } from './checks';
import type { Destination, EgressChoice } from './egress-context';
import { PATTERNS } from './patterns';

/** Ways in the vault's own network, and in a network that exists. */
const OWN = ['Egress.firewall()', 'Egress.privateLink(…)', 'Egress.proxy(…)', 'outside prod, Egress.natGateway()'];
const EXISTING = ['Egress.vpc()', 'Egress.proxy(…)'];

/** Throws unless every element is the complete name of a host: `.com` would pass half of the internet. */
export function requireDomains(name: string, domains: unknown): asserts domains is readonly string[] {
  requireList(name, domains);
  for (const domain of domains) requireText(name, domain, PATTERNS.domain);
}

/** Throws for a way that finds hosts by name: a firewall reads it in TLS, where no address appears, and DNS has no others. */
export function requireNames(way: string, destinations: readonly Destination[]): void {
  const { pattern, expected } = PATTERNS.domain;
  const other = destinations.find(({ host }) => !pattern.test(host));
  if (other) throw new Error(`egress: expected ${expected}, for ${way}, got "${other.host}"`);
}

/** Returns the hosts and ports of `HOST:PORT` texts, each once. */
export function destinationsOf(places: unknown): readonly Destination[] {
  if (places === undefined) return [];
  requireList('destinations', places);
  return [...new Set(places)].map((each) => {
    requireText('destinations', each, PATTERNS.destination);
    const [host = '', text = ''] = each.split(':');
    const port = Number(text);
    if (port < 1 || port > 65_535) refuse('destinations', 'ports from 1 to 65535', each);
    return { host, port };
  });
}

export interface EgressCase {
  readonly environment: string;
  /** whether the network exists without the vault */
  readonly isShared: boolean;
  readonly ownsEndpoints: boolean;
  readonly destinations: readonly Destination[];
}

/** Throws unless the network has a way out exactly if functions need one, and one that fits it. */
export function requireEgress(egress: EgressChoice | undefined, network: EgressCase): void {
  const { destinations, isShared, ownsEndpoints, environment } = network;
  if (egress !== undefined) requireMembers('egress', egress, 'a way such as Egress.firewall()', ['_create', '_kind']);
  if (destinations.length === 0) {
    if (egress === undefined) return;
    throw new Error(`egress: expected keys or stores outside AWS together with it, got none: nothing uses the way`);
  }
  if (egress === undefined) {
    if (!ownsEndpoints) return;
    const hosts = destinations.map(({ host }) => host).join(', ');
    throw new Error(`egress: expected a way to ${hosts}: ${(isShared ? EXISTING : OWN).join(', ')}; got none`);
  }
  const kind = egress._kind;
  if (isShared && kind !== 'vpc' && kind !== 'proxy') {
    throw new Error(
      `egress: expected ${EXISTING.join(' or ')} together with vpc, which has its own routes, got ${kind}`,
    );
  }
  if (!isShared && kind === 'vpc') {
    throw new Error(
      "egress: expected a vpc together with Egress.vpc(), got none: the vault's own network has no way out",
    );
  }
  if (environment === 'prod' && kind === 'natGateway') {
    throw new Error('egress: expected a way to named hosts only in prod, such as Egress.firewall(), got natGateway');
  }
}
