import { Reference, Stack, Token, Tokenization } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct, type IConstruct } from 'constructs';

/** Whether a consumer is in a vault's network, as far as synth knows. */
export type ConsumerPlace = 'inside' | 'outside' | 'unknown';

/** Returns the place of a consumer, by its subnets and by the networks of its security groups. */
export function placeOf(consumer: ec2.IConnectable, vpc: ec2.IVpc): ConsumerPlace {
  const subnetIds = subnetIdsOf(consumer);
  const own = subnetsOf(vpc);
  if (subnetIds.some((id) => own.has(id))) return 'inside';
  const groups = consumer.connections.securityGroups.map((group) => group.node.defaultChild);
  const vpcIds = [...groups, ...subnetIds.map(targetOf)].flatMap(vpcIdOf);
  const places = vpcIds.map((vpcId) => compare(vpcId, vpc));
  return places.find((place) => place !== 'unknown') ?? 'unknown';
}

/** Returns whether a subnet is in a network: the network lists it, or this app creates it in that network. */
export function placeOfSubnet(subnetId: string, vpc: ec2.IVpc): ConsumerPlace {
  if (subnetsOf(vpc).has(subnetId)) return 'inside';
  const places = vpcIdOf(targetOf(subnetId)).map((vpcId) => compare(vpcId, vpc));
  return places[0] ?? 'unknown';
}

/**
 * Returns whether a network is created in the stack of a consumer and used in another stack, so that the other stack
 * depends on it.
 */
export function isCreatedInStackOf(vpc: ec2.IVpc, consumer: ec2.IConnectable, user: IConstruct): boolean {
  const made = targetOf(vpc.vpcId);
  if (!made || !Construct.isConstruct(consumer)) return false;
  const stack = Stack.of(made);
  // a stack that contains the user, directly or in a nested stack, can refer to both
  return stack === Stack.of(consumer) && !user.node.scopes.includes(stack);
}

/** Names a consumer in errors. */
export function pathOf(consumer: ec2.IConnectable): string {
  return Construct.isConstruct(consumer) ? (consumer as IConstruct).node.path : 'a consumer';
}

function subnetsOf(vpc: ec2.IVpc): ReadonlySet<string> {
  return new Set([...vpc.isolatedSubnets, ...vpc.privateSubnets, ...vpc.publicSubnets].map(({ subnetId }) => subnetId));
}

function subnetIdsOf(consumer: ec2.IConnectable): readonly string[] {
  const made = Construct.isConstruct(consumer) ? (consumer as IConstruct).node.defaultChild : undefined;
  const { vpcConfig } = made instanceof lambda.CfnFunction ? made : {};
  return vpcConfig !== undefined && 'subnetIds' in vpcConfig ? (vpcConfig.subnetIds ?? []) : [];
}

/** Returns the network of a security group or a subnet that this app creates. */
function vpcIdOf(made: IConstruct | undefined): readonly string[] {
  const { vpcId } = made instanceof ec2.CfnSecurityGroup || made instanceof ec2.CfnSubnet ? made : {};
  return typeof vpcId === 'string' ? [vpcId] : [];
}

function compare(vpcId: string, vpc: ec2.IVpc): ConsumerPlace {
  if (vpcId === vpc.vpcId || textOf(vpcId, vpc) === textOf(vpc.vpcId, vpc)) return 'inside';
  const made = [vpcId, vpc.vpcId].map(targetOf).map((target) => target instanceof ec2.CfnVPC);
  const literal = [vpcId, vpc.vpcId].map((id) => !Token.isUnresolved(id));
  // a network that this app creates differs from all others that it creates, and from those that already have an id
  const comparable = [0, 1].every((one) => made[one] === true || literal[one] === true);
  return comparable ? 'outside' : 'unknown';
}

/**
 * Compares two tokens: those of one export or parameter have equal text; a reference is compared by its target, since
 * ids repeat between stacks.
 */
function textOf(id: string, scope: IConstruct): string {
  const target = targetOf(id);
  return target === undefined ? JSON.stringify(Stack.of(scope).resolve(id)) : target.node.path;
}

/** Returns the resource or parameter that an id refers to. */
function targetOf(id: string): IConstruct | undefined {
  const [token, ...others] = Tokenization.reverseString(id).tokens;
  return others.length === 0 && Reference.isReference(token) ? token.target : undefined;
}
