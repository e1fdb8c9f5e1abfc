import { type GoogleKeyDescription, createGoogleCloudKmsKey } from '../../../../lambda/keys/elsewhere/google-cloud-kms';
import { AUDIENCES, GoogleFixture, KEY, OTHER_KEY } from '../../../local/emulator/elsewhere/google/support';
import type { OtherKeyFixture } from '../other-key-contract';

/** Returns the description of a key at the fixture's Google. */
export function describeKey(more: Partial<GoogleKeyDescription> = {}): GoogleKeyDescription {
  const method = more.method ?? 'token';
  return { type: 'gcp-kms', key: KEY, audience: AUDIENCES[method], method, ...more };
}

/** Two keys of `gcp-kms`, with one of the ways to log in. */
export async function startGoogleCloudKms(method: GoogleKeyDescription['method']): Promise<OtherKeyFixture> {
  const fixture = await new GoogleFixture().start();
  const { keys, faults } = fixture.google;
  const open = (key: string) => createGoogleCloudKmsKey(describeKey({ key, method }), fixture.urls);
  return {
    key: open(KEY),
    other: open(OTHER_KEY),
    disable: async () => keys.setState(KEY, 'DISABLED'),
    scheduleDeletion: async () => keys.setState(KEY, 'DESTROY_SCHEDULED'),
    destroy: async () => keys.setState(KEY, 'DESTROYED'),
    rotate: async () => keys.rotate(KEY),
    fail: async (how) => {
      if (how === 'gone') await fixture.stop();
      else faults.set(how);
    },
    failOnce: (how) => faults.set(how, 1),
    remove: () => fixture.close(),
  };
}
