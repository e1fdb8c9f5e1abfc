import { join } from 'node:path';
import { BodyStore } from '../../../../lib/body-store';
import { Egress } from '../../../../lib/egress';
import { ExternalKey } from '../../../../lib/external-key';
import { GoogleLogin } from '../../../../lib/google-login';
import { VaultLogin } from '../../../../lib/vault-login';
import { synthesizeDev } from '../../../../tools/build/dev-template';
import { GOOGLE_PROVIDER, VAULT_ADDRESS } from '../../../../tools/build/local-keys';

const login = GoogleLogin.SIGNATURE;
const vaultLogin = VaultLogin.aws({
  sealRole: 'share-vault-seal',
  unsealRole: 'share-vault-unseal',
  destroyRole: 'share-vault-destroy',
  serverId: 'vault.example',
});
const google = ExternalKey.googleCloudKms({
  key: 'projects/local-project/locations/europe-west3/keyRings/share-vault/cryptoKeys/share-key',
  workloadIdentityProvider: GOOGLE_PROVIDER,
  login,
});
const transit = ExternalKey.vaultTransit({ address: VAULT_ADDRESS, key: 'share-key', login: vaultLogin });

/** As a script, writes templates of vaults whose functions log in by signed requests, each to a folder of the given one. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  synthesizeDev(join(folder, 'google'), {
    otherKeys: [google],
    openWithOtherKeys: true,
    bodyStore: BodyStore.googleSecretManager({
      ...{ maxRecords: 100, project: 'local-project', workloadIdentityProvider: GOOGLE_PROVIDER, login },
    }),
    egress: Egress.firewall(),
  });
  synthesizeDev(join(folder, 'vault'), {
    otherKeys: [transit],
    openWithOtherKeys: true,
    bodyStore: BodyStore.vaultKv({ maxRecords: 100, address: VAULT_ADDRESS, login: vaultLogin }),
    egress: Egress.privateLink({ service: 'com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0' }),
  });
}
