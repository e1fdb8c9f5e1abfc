import type { StandInsOf } from '../../emulator/deploy';
import { type GoogleRole, GoogleStandIn, type PoolProvider } from '../../emulator/elsewhere/google';
import { type KeyUse, type Right, usesOf } from './uses';

const ROLES: Readonly<Record<Right, GoogleRole>> = {
  wrap: 'roles/cloudkms.cryptoKeyEncrypter',
  unwrap: 'roles/cloudkms.cryptoKeyDecrypter',
};

/**
 * Returns a stand-in for Google Cloud with a template's keys. Each function's role is granted only its right, as a principal
 * of the pool.
 */
export function googleStandIns(uses: readonly KeyUse[], of: StandInsOf): readonly GoogleStandIn[] {
  const used = usesOf(uses, 'gcp-kms');
  if (used.length === 0) return [];
  const providers = new Map(used.map(({ description }) => [description.audience, providerOf(description, of)]));
  const standIn = new GoogleStandIn({ providers: [...providers.values()], dir: of.dir });
  for (const { description, right, roleArn } of used) {
    const { key, audience, method } = description;
    const pool = audience.replace(/\/providers\/[^/]+$/, '');
    const member =
      method === 'token'
        ? `principal:${pool}/subject/${roleArn}`
        : `principalSet:${pool}/attribute.aws_role/${assumedRole(roleArn)}`;
    standIn.keys.ensure(key);
    standIn.policy.add({ role: ROLES[right], member, resource: key });
  }
  return [standIn];
}

function providerOf(
  { audience, method }: { readonly audience: string; readonly method: 'token' | 'signature' },
  { issuer, callerIdentity, template }: StandInsOf,
): PoolProvider {
  if (method === 'token') return { audience, type: 'oidc', issuer };
  const { account } = template.resolver.deployment;
  return { audience, type: 'aws', account, check: callerIdentity };
}

/** Returns a role as Google's default mapping of signed requests names it: as assumed, without its path. */
function assumedRole(roleArn: string): string {
  const [, partition, account, name] = /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn) ?? [];
  return `arn:${partition}:sts::${account}:assumed-role/${name}`;
}
