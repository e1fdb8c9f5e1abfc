import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Egress } from '../lib/egress';
import { PATTERNS } from '../lib/private/patterns';
import { Fields } from './fields';

const WAYS: Readonly<Record<string, (fields: Fields) => Egress | undefined>> = {
  firewall: readFirewall,
  natGateway: (fields) => fields.create(() => Egress.natGateway()),
  privateLink: readPrivateLink,
  proxy: readProxy,
  vpc: (fields) => fields.create(() => Egress.vpc()),
};

const SECURITY_GROUP = /^sg-[0-9a-f]{8,17}$/;
const BYTE = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const PEER = {
  pattern: new RegExp(`${SECURITY_GROUP.source}|^(${BYTE}\\.){3}${BYTE}/(1[6-9]|2\\d|3[0-2])$`),
  expected: 'the id of a security group, or a block of IPv4 addresses such as 10.1.0.0/24',
};

/** Reads `egress` of one environment. */
export function readEgress(environment: Fields, problems: string[]): Egress | undefined {
  const value = environment.take('egress');
  if (value === undefined) return undefined;
  const fields = new Fields('egress', value, problems);
  return fields.requiredOneOf('type', WAYS)?.(fields);
}

function readFirewall(fields: Fields): Egress | undefined {
  const allowedDomains = fields.texts('allowedDomains', PATTERNS.domain, [0, Infinity]);
  return fields.create(() => Egress.firewall({ allowedDomains }));
}

function readPrivateLink(fields: Fields): Egress | undefined {
  const service = fields.requiredText('service', PATTERNS.endpointService);
  return fields.create(() => Egress.privateLink({ service }));
}

function readProxy(fields: Fields): Egress | undefined {
  const url = fields.requiredText('url', PATTERNS.proxyUrl);
  const peer = fields.requiredText('peer', PEER);
  return fields.create(() => {
    return Egress.proxy({
      url,
      peer: SECURITY_GROUP.test(peer) ? ec2.Peer.securityGroupId(peer) : ec2.Peer.ipv4(peer),
    });
  });
}
