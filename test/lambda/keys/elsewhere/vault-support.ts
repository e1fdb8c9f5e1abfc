import type { VaultLogin } from '../../../../lambda/contract/elsewhere';
import { type VaultTransitDescription, createVaultTransitKey } from '../../../../lambda/keys/elsewhere/vault-transit';
import { AUDIENCE, SERVER_ID, VaultFixture } from '../../../local/emulator/elsewhere/vault/support';
import type { OtherKeyFixture } from '../other-key-contract';

export const LOGINS = {
  jwt: { method: 'jwt', mount: 'jwt', role: 'seal', audience: AUDIENCE },
  aws: { method: 'aws', mount: 'aws', role: 'seal', serverId: SERVER_ID },
} as const satisfies Readonly<Record<string, VaultLogin>>;

/** Returns the description of a key at the fixture's Vault. */
export function describeKey(
  { address, ca }: VaultFixture,
  more: Partial<VaultTransitDescription> = {},
): VaultTransitDescription {
  return { type: 'vault-transit', address, ca, mount: 'transit', key: 'share', login: LOGINS.jwt, ...more };
}

/** Two keys of `vault-transit` over TLS, with one of the logins. */
export async function startVaultTransit(method: keyof typeof LOGINS): Promise<OtherKeyFixture> {
  const fixture = await new VaultFixture().start();
  const { server, transit, jwtRoles } = fixture;
  const login = LOGINS[method];
  const open = (key: string) => createVaultTransitKey(describeKey(fixture, { key, login }));
  return {
    key: open('share'),
    other: open('other'),
    // Vault has no disabled keys: whoever ends a key's use takes the right away, or the login
    disable: async () => {
      server.policies = {};
    },
    scheduleDeletion: async () => {
      server.tokens.revokeAll();
      delete jwtRoles.seal;
      fixture.setEnvironment({ AWS_SECRET_ACCESS_KEY: 'of another role' });
    },
    destroy: async () => {
      transit.configure('share', { deletion_allowed: true });
      transit.delete('share');
    },
    rotate: async () => transit.rotate('share'),
    fail: async (how) => {
      if (how === 'gone') await fixture.closeServers();
      else server.faults.set(how);
    },
    failOnce: (how) => server.faults.set(how, 1),
    remove: () => fixture.close(),
  };
}
