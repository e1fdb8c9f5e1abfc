import { join } from 'node:path';
import { Egress } from '../../../../lib/egress';
import { ExternalKey } from '../../../../lib/external-key';
import type { RecordKeyOptions } from '../../../../lib/record-key-options';
import { ShareKey } from '../../../../lib/share-key';
import { synthesizeDev } from '../../../../tools/build/dev-template';
import { GOOGLE_PROVIDER } from '../../../../tools/build/local-keys';

const google = ExternalKey.googleCloudKms({
  key: 'projects/local-project/locations/europe-west3/keyRings/share-vault/cryptoKeys/share-key',
  workloadIdentityProvider: GOOGLE_PROVIDER,
});
/** The way from a key at Google to one in AWS KMS, after which the former one is among the other keys. */
const STEPS: Readonly<Record<string, RecordKeyOptions>> = {
  both: { shareKey: google, retiringShareKeys: [ShareKey.ofVault()] },
  wraps: { otherKeys: [google] },
  opens: { otherKeys: [google], openWithOtherKeys: true },
  retires: { otherKeys: [google], retiringShareKeys: [google] },
};

/** As a script, writes the template of each step to a folder of the given one. */
if (require.main === module) {
  const [folder = ''] = process.argv.slice(2);
  for (const [name, keys] of Object.entries(STEPS)) {
    synthesizeDev(join(folder, name), { ...keys, egress: Egress.firewall() });
  }
}
