/** A CloudFormation template as the lifecycle rules read it: all members of its resources are kept. */
export interface TemplateJson {
  readonly Resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** What CloudFormation does with a physical resource that its stack gives up. */
export type Removal = 'deleted' | 'retained' | 'retained unless it was just created' | 'replaced by a snapshot';

export interface Resource {
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly dependsOn: readonly string[];
  /** When it leaves the template, or the stack is deleted. */
  readonly onDelete: Removal;
  /** When another physical resource takes its place. */
  readonly onReplace: Removal;
}

const REMOVALS: Readonly<Record<string, Removal>> = {
  Delete: 'deleted',
  Retain: 'retained',
  RetainExceptOnCreate: 'retained unless it was just created',
  Snapshot: 'replaced by a snapshot',
};

/** Returns the resources of a template by their logical ids. */
export function resourcesOf({ Resources }: TemplateJson): ReadonlyMap<string, Resource> {
  return new Map(Object.entries(Resources).map(([id, resource]) => [id, read(id, resource)]));
}

/** Returns whether the physical resource outlives a stack that was deployed and is then deleted. */
export function isRetained({ onDelete }: Resource): boolean {
  return onDelete === 'retained' || onDelete === 'retained unless it was just created';
}

function read(id: string, resource: Readonly<Record<string, unknown>>): Resource {
  const type = String(resource.Type);
  const properties = record(resource.Properties);
  return {
    id,
    type,
    properties,
    dependsOn: [resource.DependsOn ?? []].flat().map(String),
    onDelete: removal(resource.DeletionPolicy, defaultRemoval(type, properties)),
    onReplace: removal(resource.UpdateReplacePolicy, 'deleted'),
  };
}

/** A DeletionPolicy that is missing means Delete, except for databases that are no part of a cluster. */
function defaultRemoval(type: string, properties: Readonly<Record<string, unknown>>): Removal {
  const database =
    type === 'AWS::RDS::DBCluster' || (type === 'AWS::RDS::DBInstance' && properties.DBClusterIdentifier === undefined);
  return database ? 'replaced by a snapshot' : 'deleted';
}

function removal(policy: unknown, otherwise: Removal): Removal {
  if (policy === undefined) return otherwise;
  const found = typeof policy === 'string' ? REMOVALS[policy] : undefined;
  if (!found) throw new Error(`expected one of ${Object.keys(REMOVALS).join(', ')}, got ${JSON.stringify(policy)}`);
  return found;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
