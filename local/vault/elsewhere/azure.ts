import { AZURE_AUDIENCE } from '../../../lambda/contract/elsewhere';
import type { StandInsOf } from '../../emulator/deploy';
import { AzureStandIn, type DataAction, type KeySpec } from '../../emulator/elsewhere/azure';
import { type KeyUse, type Right, usesOf } from './uses';

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

/**
 * Returns stand-ins for the Azure directory of a template's keys, with the versions of keys that the template names. Each
 * function's role can log in, and has only its right.
 */
export async function azureStandIns(uses: readonly KeyUse[], of: StandInsOf): Promise<readonly AzureStandIn[]> {
  const used = usesOf(uses, 'azure-key-vault', 'azure-managed-hsm');
  const [tenant, ...others] = new Set(used.map(({ description }) => description.tenant));
  if (tenant === undefined) return [];
  if (others.length > 0) throw new Error('expected one tenant of the keys in Azure, got several');
  const vaults = new Map(used.map(({ description: { key, type } }) => [new URL(key).hostname, SERVICES[type].type]));
  const standIn = new AzureStandIn({
    ...{ tenant, issuers: [of.issuer], dataDir: of.dir },
    vaults: [...vaults].map(([host, type]) => ({
      type,
      name: host.slice(0, host.indexOf('.')),
      purgeProtection: true,
    })),
  });
  const trusted = new Map(used.map((use) => [`${use.description.client} ${use.roleArn}`, use]));
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
  return [standIn];
}
