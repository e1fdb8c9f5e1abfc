import { AZURE_AUDIENCE } from '../../../lambda/contract/elsewhere';
import type { StandInsOf } from '../../emulator/deploy';
import { AzureStandIn, type DataAction, type KeySpec, SECRET_ACTIONS } from '../../emulator/elsewhere/azure';
import { type BodyRight, type Right, type Uses, bodiesOf, usesOf } from './uses';

interface Service {
  readonly type: 'vault' | 'managedhsm';
  readonly spec: KeySpec;
  readonly actions: Readonly<Record<Right, DataAction>>;
}

const SERVICES: Readonly<Record<'azure-key-vault' | 'azure-managed-hsm', Service>> = {
  'azure-key-vault': {
    type: 'vault',
    spec: { kty: 'RSA', bits: 3072 },
    actions: { wrap: 'keys/wrap', unwrap: 'keys/unwrap' },
  },
  'azure-managed-hsm': {
    type: 'managedhsm',
    spec: { kty: 'oct-HSM' },
    actions: { wrap: 'keys/encrypt', unwrap: 'keys/decrypt' },
  },
};

const BODY_ACTIONS: Readonly<Record<BodyRight, readonly DataAction[]>> = {
  create: [SECRET_ACTIONS.set],
  read: [SECRET_ACTIONS.get],
  destroy: [SECRET_ACTIONS.delete],
  list: [SECRET_ACTIONS.list],
};

/**
 * Returns stand-ins for the Azure directory of a template's keys and bodies, with the versions of keys that the template names. Each
 * function's role can log in, and has only its right.
 */
export async function azureStandIns({ keys, bodies }: Uses, of: StandInsOf): Promise<readonly AzureStandIn[]> {
  const used = usesOf(keys, 'azure-key-vault', 'azure-managed-hsm');
  const ofBodies = bodiesOf(bodies, 'azure-key-vault');
  const all = [...used, ...ofBodies];
  const [tenant, ...others] = new Set(all.map(({ description }) => description.tenant));
  if (tenant === undefined) return [];
  if (others.length > 0) throw new Error('expected one tenant of everything in Azure, got several');
  const retention = new Map(ofBodies.map(({ description: { vault, recoveryDays } }) => [hostOf(vault), recoveryDays]));
  const purged = new Set(ofBodies.flatMap(({ description: { vault, purge } }) => (purge ? [hostOf(vault)] : [])));
  const vaults = new Map([
    ...used.map(({ description: { key, type } }) => [hostOf(key), SERVICES[type].type] as const),
    ...ofBodies.map(({ description: { vault } }) => [hostOf(vault), 'vault'] as const),
  ]);
  const standIn = new AzureStandIn({
    ...{ tenant, issuers: [of.issuer], dataDir: of.dir },
    vaults: [...vaults].map(([host, type]) => ({
      type,
      name: host.slice(0, host.indexOf('.')),
      purgeProtection: !purged.has(host),
      recoverableDays: retention.get(host),
    })),
  });
  const trusted = new Map(all.map((use) => [`${use.description.client} ${use.roleArn}`, use]));
  for (const { description, roleArn } of trusted.values()) {
    const credential = { issuer: of.issuer.url, subject: roleArn, audience: AZURE_AUDIENCE };
    standIn.directory.addFederatedCredential(description.client, credential);
  }
  for (const { description, right } of used) {
    const { hostname, pathname } = new URL(description.key);
    const [, , name = '', version = ''] = pathname.split('/');
    const { keys, grants } = standIn.vault(hostname);
    const { spec, actions } = SERVICES[description.type];
    await keys.ensure({ name, version, spec });
    grants.add({ client: description.client, action: actions[right], name });
  }
  for (const { description, right } of ofBodies) {
    const { vault, client, purge } = description;
    const actions = [...BODY_ACTIONS[right], ...(right === 'destroy' && purge ? [SECRET_ACTIONS.purge] : [])];
    standIn.vault(hostOf(vault)).grants.add(...actions.map((action) => ({ client, action })));
  }
  return [standIn];
}

function hostOf(url: string): string {
  return new URL(url).hostname;
}
