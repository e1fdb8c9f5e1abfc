import { randomUUID } from 'node:crypto';
import type { Principal } from '../signature';
import type { Authority } from './authority';
import { type Identities, assumed } from './identities';

/** A role that a service assumes for a resource. */
export interface ServiceRole {
  /** `states`, `events` */
  readonly service: string;
  readonly roleArn: string;
  /** the resource that the service works for */
  readonly sourceArn: string;
}

/** Returns a service's session of a role. Throws `AwsError` if the role's trust policy doesn't allow it. */
export async function serviceSession(
  { service, roleArn, sourceArn }: ServiceRole,
  { authority, identities }: { readonly authority: Authority; readonly identities: Identities },
): Promise<Principal> {
  const principal = identities.find(`${service}.amazonaws.com`);
  const action = 'sts:AssumeRole';
  await authority.require({ principal, action, resource: roleArn, sourceArn }, randomUUID(), 403);
  return assumed(roleArn, randomUUID().replaceAll('-', ''));
}
