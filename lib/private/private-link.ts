import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as route53 from 'aws-cdk-lib/aws-route53';
import { InterfaceVpcEndpointTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { requireNames } from './egress-checks';
import type { EgressContext, EgressWay } from './egress-context';

/**
 * Creates an endpoint for an endpoint service, and a zone that leads the host's name to it: the endpoint's own name is not
 * in the certificate of the host.
 */
export function privateLinkWay(context: EgressContext, service: string): EgressWay {
  const { scope, vpc, zones, securityGroup, destinations } = context;
  const [destination, other] = destinations;
  if (!destination || other) {
    const hosts = destinations.map(({ host }) => host).join(', ');
    throw new Error(`egress: expected one host outside AWS for Egress.privateLink, got ${hosts}`);
  }
  requireNames('Egress.privateLink', destinations);
  const { host, port } = destination;
  const parts = new Construct(scope, 'PrivateLink');
  const group = new ec2.SecurityGroup(parts, 'Group', {
    vpc,
    description: `share vault ${context.environment}: endpoint for keys and stores outside AWS`,
    allowAllOutbound: false,
  });
  const endpoint = new ec2.InterfaceVpcEndpoint(parts, 'Endpoint', {
    vpc,
    service: new ec2.InterfaceVpcEndpointService(service, port),
    subnets: { subnets: [...zones] },
    privateDnsEnabled: false,
    open: false,
    securityGroups: [group],
  });
  securityGroup.connections.allowTo(group, ec2.Port.tcp(port), 'keys and stores outside AWS');
  const zone = new route53.PrivateHostedZone(parts, 'Zone', { zoneName: host, vpc });
  new route53.ARecord(parts, 'Address', {
    zone,
    target: route53.RecordTarget.fromAlias(new InterfaceVpcEndpointTarget(endpoint)),
  });
  return { parts };
}
