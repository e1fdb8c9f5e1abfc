import type { DataAction, Grants } from './grants';
import type { KeyVaultSecrets, SecretsPermission } from './secrets';
import type { VaultPart } from './vault-call';

/** What Azure's roles call each permission. */
export const SECRET_ACTIONS = {
  set: 'secrets/setSecret',
  get: 'secrets/getSecret',
  list: 'secrets/readMetadata',
  delete: 'secrets/delete',
  purge: 'secrets/purge',
} as const satisfies Readonly<Record<SecretsPermission, DataAction>>;

/** Throws `Forbidden` unless the vault's grants allow an application to do this with secrets. */
export function allowsByGrants(grants: Grants): (client: string, permission: SecretsPermission) => true {
  return (client, permission) => {
    grants.require(client, SECRET_ACTIONS[permission], '');
    return true;
  };
}

/** The secrets of a vault, for applications that the vault has authenticated: their id is the token. */
export function secretsPart(host: string, secrets: KeyVaultSecrets): VaultPart {
  return ({ method, path, query, body, client }) => {
    if (path[0] !== 'secrets' && path[0] !== 'deletedsecrets') return undefined;
    const url = new URL(`https://${host}/${path.join('/')}?${query.toString()}`);
    return secrets.respond({ method, url, headers: { authorization: `Bearer ${client}` }, body });
  };
}
