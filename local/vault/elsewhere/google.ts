import type { GoogleLogin } from '../../../lambda/contract/elsewhere';
import type { StandInsOf } from '../../emulator/deploy';
import { type GoogleRole, GoogleStandIn, type PoolProvider } from '../../emulator/elsewhere/google';
import { type BodyRight, type Right, type Uses, bodiesOf, usesOf } from './uses';

const ROLES: Readonly<Record<Right, GoogleRole>> = {
  wrap: 'roles/cloudkms.cryptoKeyEncrypter',
  unwrap: 'roles/cloudkms.cryptoKeyDecrypter',
};

const BODY_ROLES: Readonly<Record<BodyRight, GoogleRole>> = {
  create: 'shareVaultCreateBodies',
  read: 'roles/secretmanager.secretAccessor',
  destroy: 'shareVaultDestroyBodies',
  list: 'shareVaultListBodies',
};

/**
 * Returns a stand-in for Google Cloud with a template's keys and bodies. Each function's role is granted only its right, as a principal
 * of the pool.
 */
export function googleStandIns({ keys, bodies }: Uses, of: StandInsOf): readonly GoogleStandIn[] {
  const ofKeys = usesOf(keys, 'gcp-kms');
  const ofBodies = bodiesOf(bodies, 'google-secret-manager');
  const logins = [...ofKeys, ...ofBodies].map(({ description }) => description);
  if (logins.length === 0) return [];
  const providers = new Map(logins.map((login) => [login.audience, providerOf(login, of)]));
  const projects = new Map(ofBodies.map(({ description }) => [description.project, projectOf(description)]));
  const standIn = new GoogleStandIn({
    providers: [...providers.values()],
    dir: of.dir,
    projects: [...projects.values()],
  });
  for (const { description, right, roleArn } of ofKeys) {
    standIn.keys.ensure(description.key);
    standIn.policy.add({ role: ROLES[right], member: memberOf(description, roleArn), resource: description.key });
  }
  for (const { description, right, roleArn } of ofBodies) {
    const resource = `projects/${description.project}`;
    standIn.policy.add({ role: BODY_ROLES[right], member: memberOf(description, roleArn), resource });
  }
  return [standIn];
}

/** Responses name a project by its number, which is unknown here: the pool's is used. */
function projectOf({ project, audience }: { readonly project: string; readonly audience: string }): {
  readonly id: string;
  readonly number: string;
} {
  const [, number = ''] = /\/projects\/(\d+)\//.exec(audience) ?? [];
  return { id: project, number: /^\d+$/.test(project) ? project : number };
}

function memberOf({ audience, method }: GoogleLogin, roleArn: string): string {
  const pool = audience.replace(/\/providers\/[^/]+$/, '');
  return method === 'token'
    ? `principal:${pool}/subject/${roleArn}`
    : `principalSet:${pool}/attribute.aws_role/${assumedRole(roleArn)}`;
}

function providerOf({ audience, method }: GoogleLogin, { issuer, callerIdentity, template }: StandInsOf): PoolProvider {
  if (method === 'token') return { audience, type: 'oidc', issuer };
  const { account } = template.resolver.deployment;
  return { audience, type: 'aws', account, check: callerIdentity };
}

/** Returns a role as Google's default mapping of signed requests names it: as assumed, without its path. */
function assumedRole(roleArn: string): string {
  const [, partition, account, name] = /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn) ?? [];
  return `arn:${partition}:sts::${account}:assumed-role/${name}`;
}
