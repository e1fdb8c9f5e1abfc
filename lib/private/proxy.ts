import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { EgressContext, EgressWay } from './egress-context';

/** Lets the functions reach a proxy. The AWS SDK ignores the variable: calls to AWS keep their way. */
export function proxyWay({ securityGroup }: EgressContext, url: string, peer: ec2.IPeer): EgressWay {
  securityGroup.addEgressRule(peer, ec2.Port.tcp(Number(new URL(url).port)), 'proxy');
  return { variables: { HTTPS_PROXY: url } };
}
