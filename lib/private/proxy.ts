import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { refuse, requireMembers, requireText } from './checks';
import type { EgressContext, EgressWay } from './egress-context';
import { PATTERNS } from './patterns';

/** A proxy, as functions reach it. */
export interface Proxy {
  readonly url: string;
  readonly port: number;
  readonly peer: ec2.IPeer;
}

/** Prefix length of a network's largest block of addresses: a proxy is in one network. */
const LARGEST_BLOCK = 16;
const PEER = 'a security group, or addresses such as ec2.Peer.ipv4(…)';

/** Reads the address and the peer of a proxy from props. */
export function readProxy(url: unknown, peer: ec2.IPeer): Proxy {
  requireText('url', url, PATTERNS.proxyUrl);
  // the parser of URLs leaves out port 80
  const port = Number(/\d+$/.exec(url)?.[0]);
  if (port < 1 || port > 65_535) refuse('url', 'a port from 1 to 65535', url);
  requireMembers('peer', peer, PEER, ['toEgressRuleConfig']);
  requireNarrow(peer);
  return { url, port, peer: inlinePeer(peer) };
}

/** Returns a security group by its id: the rule is then a part of the functions' group, and not a resource by itself. */
function inlinePeer(peer: ec2.IPeer): ec2.IPeer {
  const { destinationSecurityGroupId: id }: { destinationSecurityGroupId?: unknown } = peer.toEgressRuleConfig();
  return typeof id === 'string' ? ec2.Peer.securityGroupId(id) : peer;
}

/** Throws for addresses of more than one network: with them, functions could go around the proxy. */
function requireNarrow(peer: ec2.IPeer): void {
  const { cidrIp, cidrIpv6 }: { cidrIp?: unknown; cidrIpv6?: unknown } = peer.toEgressRuleConfig();
  if (cidrIpv6 !== undefined) refuse('peer', 'IPv4 addresses, as functions have them', cidrIpv6);
  if (typeof cidrIp !== 'string' || Token.isUnresolved(cidrIp)) return;
  if (Number(cidrIp.split('/')[1]) < LARGEST_BLOCK) {
    refuse('peer', `the addresses of one network, a block of /${LARGEST_BLOCK} or smaller`, cidrIp);
  }
}

/** Lets the functions reach a proxy. The AWS SDK ignores the variable: calls to AWS keep their way. */
export function proxyWay({ securityGroup }: EgressContext, { url, port, peer }: Proxy): EgressWay {
  securityGroup.addEgressRule(peer, ec2.Port.tcp(port), 'proxy');
  return { variables: { HTTPS_PROXY: url } };
}
