import type { Deployment } from './deployment';
import { digestOf, uuidOf } from './digest';

/** A resource that needs a name. */
export interface UnnamedResource {
  readonly id: string;
  readonly type: string;
  readonly deployment: Deployment;
  /** returns a resolved property; names read only those that they depend on, to avoid circular references */
  property(name: string): unknown;
  /** returns the number of the function's versions that precede this one in the template */
  precedingVersions(): number;
}

/** CloudFormation shortens the stack's name and the logical id, so that names fit the services' limits. */
const CUT = 24;

/** Returns the name that the template sets, else a generated one. */
export function named(resource: UnnamedResource, property: string): string {
  const name = resource.property(property);
  return typeof name === 'string' ? name : generatedName(resource);
}

/** Returns `STACK-LOGICALID-SUFFIX`, as CloudFormation generates names. */
export function generatedName({ id, deployment }: Pick<UnnamedResource, 'id' | 'deployment'>): string {
  const suffix = suffixOf({ id, deployment }, 12).toUpperCase();
  return `${deployment.stack.slice(0, CUT)}-${id.slice(0, CUT)}-${suffix}`;
}

/** Returns an id as EC2 generates it: `vpc-0123456789abcdef0`. */
export function numbered(resource: UnnamedResource, prefix: string): string {
  return `${prefix}-${suffixOf(resource, 17)}`;
}

/** Returns hexadecimal digits, at most 64, that depend only on the stack and the logical id. */
export function suffixOf({ id, deployment }: Pick<UnnamedResource, 'id' | 'deployment'>, length: number): string {
  return digestOf(`${deployment.stack}/${id}`).slice(0, length);
}

export function uuid({ id, deployment }: UnnamedResource): string {
  return uuidOf(`${deployment.stack}/${id}`);
}
