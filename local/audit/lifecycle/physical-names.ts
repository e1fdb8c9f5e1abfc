import { isDeepStrictEqual } from 'node:util';
import { referencesIn } from './references';
import type { Resource } from './template';

/** The scope that a physical name has to be unique in. */
export type Namespace = 'account' | 'region' | Within;

/** The namespace is another resource; this property of the named one refers to it. */
interface Within {
  readonly within: string;
  /** Whether CloudFormation refuses to replace a resource of that name even if the new one is in another namespace. */
  readonly pinned?: boolean;
}

/** A name that a template gives to a physical resource, unique in its namespace. */
export interface PhysicalName {
  readonly property: string;
  readonly value: unknown;
  readonly namespace: Namespace;
}

interface Naming {
  readonly property: string;
  readonly namespace: Namespace;
}

/**
 * The property that gives a resource of a type its unique name, and the namespace of that name. Names of HTTP APIs, of
 * backup plans and of statements are labels: two resources can have the same one.
 */
const NAMINGS: Readonly<Record<string, Naming>> = {
  'AWS::Backup::BackupVault': { property: 'BackupVaultName', namespace: 'region' },
  'AWS::Backup::RestoreTestingPlan': { property: 'RestoreTestingPlanName', namespace: 'region' },
  'AWS::Backup::RestoreTestingSelection': {
    property: 'RestoreTestingSelectionName',
    namespace: { within: 'RestoreTestingPlanName' },
  },
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', namespace: 'region' },
  // dashboards are global in an account
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName', namespace: 'account' },
  'AWS::EC2::SecurityGroup': { property: 'GroupName', namespace: { within: 'VpcId', pinned: true } },
  'AWS::Events::Rule': { property: 'Name', namespace: 'region' },
  'AWS::IAM::ManagedPolicy': { property: 'ManagedPolicyName', namespace: 'account' },
  'AWS::IAM::Role': { property: 'RoleName', namespace: 'account' },
  'AWS::KMS::Alias': { property: 'AliasName', namespace: 'region' },
  'AWS::Lambda::Alias': { property: 'Name', namespace: { within: 'FunctionName' } },
  'AWS::Lambda::Function': { property: 'FunctionName', namespace: 'region' },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', namespace: 'region' },
  'AWS::Logs::MetricFilter': { property: 'FilterName', namespace: { within: 'LogGroupName' } },
  'AWS::NetworkFirewall::Firewall': { property: 'FirewallName', namespace: 'region' },
  'AWS::NetworkFirewall::FirewallPolicy': { property: 'FirewallPolicyName', namespace: 'region' },
  'AWS::NetworkFirewall::RuleGroup': { property: 'RuleGroupName', namespace: 'region' },
  'AWS::S3::Bucket': { property: 'BucketName', namespace: 'account' },
  'AWS::RDS::DBCluster': { property: 'DBClusterIdentifier', namespace: 'region' },
  'AWS::RDS::DBClusterParameterGroup': { property: 'DBClusterParameterGroupName', namespace: 'region' },
  'AWS::RDS::DBInstance': { property: 'DBInstanceIdentifier', namespace: 'region' },
  'AWS::RDS::DBParameterGroup': { property: 'DBParameterGroupName', namespace: 'region' },
  'AWS::RDS::DBSubnetGroup': { property: 'DBSubnetGroupName', namespace: 'region' },
  'AWS::SNS::Topic': { property: 'TopicName', namespace: 'region' },
  'AWS::SSM::Parameter': { property: 'Name', namespace: 'region' },
  'AWS::SecretsManager::Secret': { property: 'Name', namespace: 'region' },
  'AWS::StepFunctions::StateMachine': { property: 'StateMachineName', namespace: 'region' },
};

/** The property that names resources of a type, if their names are unique. */
export function namingProperty(type: string): string | undefined {
  return NAMINGS[type]?.property;
}

/** Returns the name that the template chooses; undefined if CloudFormation makes one up, or the type has no unique name. */
export function physicalName({ type, properties }: Resource): PhysicalName | undefined {
  const naming = NAMINGS[type];
  if (!naming) return undefined;
  const value = properties[naming.property];
  return value === undefined ? undefined : { ...naming, value };
}

/**
 * Returns whether a replacement would need the name of the resource that it replaces: CloudFormation or the service then
 * refuses it. In another namespace the name is free, unless CloudFormation compares only the name.
 */
export function keepsName(one: Resource, other: Resource, changed: readonly string[]): boolean {
  const [a, b] = [physicalName(one), physicalName(other)];
  if (!a || !isDeepStrictEqual(a.value, b?.value)) return false;
  return typeof a.namespace === 'string' || a.namespace.pinned === true || !changed.includes(a.namespace.within);
}

/** Returns whether two resources would have the same name in one namespace. */
export function sameName(one: Resource, other: Resource): boolean {
  const [a, b] = [physicalName(one), physicalName(other)];
  if (!a || !b || one.type !== other.type || !isDeepStrictEqual(a.value, b.value)) return false;
  const { namespace } = a;
  if (typeof namespace === 'string') return true;
  return isDeepStrictEqual(one.properties[namespace.within], other.properties[namespace.within]);
}

/** Returns whether a name differs with each creation of a stack, because the stack's id is a part of it. */
export function isOfOneStack(name: PhysicalName): boolean {
  return referencesIn(name.value).some(({ id }) => id === 'AWS::StackId');
}
