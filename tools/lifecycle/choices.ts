import type { Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { ActorProps } from '../../lib/actor';
import { MaterialKind } from '../../lib/material-kind';
import { Operation } from '../../lib/operation';
import { HANDLERS } from '../../lib/private/bundle';
import { ShareKey } from '../../lib/share-key';
import type { ShareVaultProps } from '../../lib/share-vault-props';

/** Differences from a plain vault: its props, and its owner's choices beside them. */
export interface Choices extends Partial<ShareVaultProps> {
  /** @default 'Vault' */
  readonly id?: string;
  /** @default - an actor that may do everything */
  readonly actors?: Readonly<Record<string, ActorProps>>;
}

/** Makes the choices, and the resources that they need beside the vault. */
export type Props = (stack: Stack, environment: string) => Choices;

/** One change of one public prop of a deployed vault. */
export interface Case {
  readonly prop: string;
  /** The change and its reverse, in words. */
  readonly change: string;
  readonly reverse: string;
  /** @default - a plain vault */
  readonly from?: Props;
  readonly to: Props;
}

/** Returns choices that need nothing beside the vault. */
export const plain =
  (props: Choices): Props =>
  () =>
    props;

export const added = { change: 'given', reverse: 'taken out' } as const;
export const valued = (from: string, to: string): Pick<Case, 'change' | 'reverse'> => ({
  change: `${from} → ${to}`,
  reverse: `${to} → ${from}`,
});

/** A network that exists without the stack. */
export const vpc = (stack: Stack): ec2.IVpc =>
  ec2.Vpc.fromVpcAttributes(stack, 'Existing', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    privateSubnetIds: ['subnet-0000000000000000a', 'subnet-0000000000000000b'],
    privateSubnetRouteTableIds: ['rtb-0000000000000000a', 'rtb-0000000000000000b'],
    isolatedSubnetRouteTableIds: ['rtb-0000000000000001a', 'rtb-0000000000000001b'],
    isolatedSubnetIds: ['subnet-0000000000000001a', 'subnet-0000000000000001b'],
  });

/** A share key beside the vault's own. */
export const nextKey = (stack: Stack, environment: string): ShareKey => new ShareKey(stack, 'Next', { environment });

/** Returns an archive of signed code for each handler, in place of the built code. */
export function signed(stack: Stack): Choices {
  const bucket = s3.Bucket.fromBucketName(stack, 'Signed', 'signed-code');
  const archives = HANDLERS.map((name) => [name, lambda.Code.fromBucketV2(bucket, `${name}.zip`)] as const);
  return { bundles: undefined, signedCode: Object.fromEntries(archives) };
}

export const isolated = { subnetType: ec2.SubnetType.PRIVATE_ISOLATED };
export const backend: ActorProps = {
  kinds: [MaterialKind.DELEGATED_SHARE],
  operations: [Operation.SEAL, Operation.UNSEAL, Operation.REVOKE],
};
/** The actors of a plain vault. */
export const ACTORS = { backend };
