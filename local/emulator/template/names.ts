import type { Deployment } from './deployment';
import { digestOf, uuidOf } from './digest';

/** A resource about to be called something. */
export interface Unnamed {
  readonly id: string;
  readonly type: string;
  readonly deployment: Deployment;
  /** one of its properties, resolved: only those that the name depends on, or it could go round in a circle */
  property(name: string): unknown;
  /** how many versions of the same function stand before it */
  before(): number;
}

/** CloudFormation cuts both parts of the names that it makes, so that they fit the services' limits. */
const CUT = 24;

/** The name that the template gives, or CloudFormation's own. */
export function named(resource: Unnamed, property: string): string {
  const name = resource.property(property);
  return typeof name === 'string' ? name : generatedName(resource);
}

/** `STACK-LOGICALID-SUFFIX` */
export function generatedName({ id, deployment }: Unnamed): string {
  const suffix = suffixOf({ id, deployment }, 12).toUpperCase();
  return `${deployment.stack.slice(0, CUT)}-${id.slice(0, CUT)}-${suffix}`;
}

/** `vpc-0123456789abcdef0` */
export function numbered(resource: Unnamed, prefix: string): string {
  return `${prefix}-${suffixOf(resource, 17)}`;
}

/** Hexadecimal digits, at most 64. */
export function suffixOf({ id, deployment }: Pick<Unnamed, 'id' | 'deployment'>, length: number): string {
  return digestOf(`${deployment.stack}/${id}`).slice(0, length);
}

export function uuid({ id, deployment }: Unnamed): string {
  return uuidOf(`${deployment.stack}/${id}`);
}
