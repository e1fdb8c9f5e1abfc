import { Annotations } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';

/** Warns of a choice that works only if the network has endpoints, or another way to AWS, that synth does not see. */
export function warnOfIsolation(
  scope: Construct,
  vpc: ec2.IVpc,
  { subnets, isPendingLookup }: ec2.SelectedSubnets,
): void {
  const isolated = new Set(vpc.isolatedSubnets.map(({ subnetId }) => subnetId));
  if (isPendingLookup || !subnets.some(({ subnetId }) => isolated.has(subnetId))) return;
  Annotations.of(scope).addWarningV2(
    'cdk-share-vault:isolatedWithoutEndpoints',
    'functions are in isolated subnets without endpoints of the vault: they reach KMS and Secrets Manager only if the network has its own way to both',
  );
}
