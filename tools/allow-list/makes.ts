import { Stack, Stage } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { MaterialKind } from '../../lib/material-kind';
import { Operation } from '../../lib/operation';
import { ShareKey } from '../../lib/share-key';
import { ShareVault } from '../../lib/share-vault';
import type { ShareVaultProps } from '../../lib/share-vault-props';

/** A function that makes one reviewed vault in a stack. */
export type Make = (stack: Stack, bundles: string) => ShareVault;

/** A reviewed choice of options. */
export interface Reviewed {
  readonly env?: { readonly account: string; readonly region: string };
  readonly make: Make;
}

export const HERE = { account: '111111111111', region: 'eu-west-1' };
export const ZONES = ['eu-west-1a', 'eu-west-1b'];
export const KINDS = [MaterialKind.DELEGATED_SHARE];
export const CALLS = [Operation.SEAL, Operation.UNSEAL, Operation.REVOKE, Operation.PROPERTIES];
/** The props of most of the reviewed vaults. */
export const USUAL = { environment: 'amber', webhook: {} };

export function vault(stack: Stack, bundles: string | undefined, props: Partial<ShareVaultProps> = {}): ShareVault {
  const made = new ShareVault(stack, 'Vault', { ...USUAL, ...(bundles !== undefined && { bundles }), ...props });
  made.addActor('backend', { kinds: KINDS, operations: CALLS });
  made.addActor('auditor', { operations: [Operation.AUDIT] });
  return made;
}

export const usual =
  (props: Partial<ShareVaultProps>): Make =>
  (stack, bundles) =>
    vault(stack, bundles, props);

/** Makes a vault during a replacement of its share key, before or after the keys trade places. */
export const replacing =
  (place: 'before' | 'after', props: (stack: Stack) => Partial<ShareVaultProps> = () => ({})): Make =>
  (stack, bundles) => {
    const { environment = 'amber', removalPolicy, ...others } = props(stack);
    const next = new ShareKey(stack, 'NextKey', { environment, ...(removalPolicy && { removalPolicy }) });
    const keys =
      place === 'before' ? { retiringShareKeys: [next] } : { shareKey: next, retiringShareKeys: [ShareKey.ofVault()] };
    return vault(stack, bundles, { environment, ...(removalPolicy && { removalPolicy }), ...others, ...keys });
  };

/** Makes a vault with several share keys that only open, before or after the keys trade places. */
export const replacingAll =
  (place: 'before' | 'after', count: number, props: Partial<ShareVaultProps> = {}): Make =>
  (stack, bundles) => {
    const keys = Array.from(
      { length: count },
      (_, at) => new ShareKey(stack, `NextKey${at}`, { environment: 'amber' }),
    );
    const [next, ...others] = keys;
    const choice =
      place === 'before' || next === undefined
        ? { retiringShareKeys: keys }
        : { shareKey: next, retiringShareKeys: [ShareKey.ofVault(), ...others] };
    return vault(stack, bundles, { ...choice, ...props });
  };

export function stackBeside(stack: Stack): Stack {
  const app = Stage.of(stack);
  if (app === undefined) throw new Error('expected a stack of an app, got one without');
  return new Stack(app, 'Theirs');
}

export function beside(stack: Stack): Partial<ShareVaultProps> {
  const vpc = new ec2.Vpc(stackBeside(stack), 'Vpc', { maxAzs: 2 });
  return { vpc, endpoints: true, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } };
}

/** Imports an existing network by its attributes. */
export function network(stack: Stack): ec2.IVpc {
  return ec2.Vpc.fromVpcAttributes(stack, 'Imported', {
    vpcId: 'vpc-0123456789abcdef0',
    vpcCidrBlock: '10.20.0.0/16',
    availabilityZones: ZONES,
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
    isolatedSubnetIds: ['subnet-0123456789abcdef2', 'subnet-0123456789abcdef3'],
    isolatedSubnetRouteTableIds: ['rtb-0123456789abcdef2', 'rtb-0123456789abcdef3'],
  });
}

/** Returns archives that a signing job left in a bucket. */
export function signedCode(stack: Stack): Readonly<Record<string, lambda.Code>> {
  const bucket = s3.Bucket.fromBucketName(stack, 'Signed', 'signed-code');
  const names = [
    'seal',
    'unseal',
    'revoke',
    'properties',
    'audit',
    'freeze',
    'thaw',
    'migrate',
    'receive',
    'reseal',
    'restore-check',
  ];
  return Object.fromEntries(
    names.map((name) => [name, lambda.Code.fromBucketV2(bucket, `signed/${name}.zip`, { objectVersion: 'version-1' })]),
  );
}

export function signing(stack: Stack): Partial<ShareVaultProps> {
  const arn = 'arn:aws:lambda:eu-west-1:111111111111:code-signing-config:csc-0123456789abcdef0';
  const codeSigningConfig = lambda.CodeSigningConfig.fromCodeSigningConfigArn(stack, 'Signing', arn);
  return { signedCode: signedCode(stack), codeSigningConfig };
}

export function secret(stack: Stack, name: string, encryptionKey?: kms.IKey): secretsmanager.ISecret {
  const secretCompleteArn = `arn:aws:secretsmanager:eu-west-1:111111111111:secret:${name}-AbCdEf`;
  return secretsmanager.Secret.fromSecretAttributes(stack, name, {
    secretCompleteArn,
    ...(encryptionKey && { encryptionKey }),
  });
}

export function key(stack: Stack): kms.IKey {
  return kms.Key.fromKeyArn(stack, 'TheirKey', 'arn:aws:kms:eu-west-1:111111111111:key/01234567-89ab-cdef-0123-456789abcdef'); // prettier-ignore
}
