import type { BodyStoreDescription, OtherKeyDescription } from './elsewhere';

/** Hosts of services outside AWS that functions call, each with port 443. */
export const ELSEWHERE_HOSTS = {
  googleTokens: 'sts.googleapis.com',
  googleKeys: 'cloudkms.googleapis.com',
  googleSecrets: 'secretmanager.googleapis.com',
  azureTokens: 'login.microsoftonline.com',
} as const;

/** Returns the places outside AWS that a function calls for a key or a store, each as `HOST:PORT`. */
export function placesOf(description: OtherKeyDescription | BodyStoreDescription): readonly string[] {
  switch (description.type) {
    case 'gcp-kms':
      return [place(ELSEWHERE_HOSTS.googleTokens), place(ELSEWHERE_HOSTS.googleKeys)];
    case 'google-secret-manager':
      return [place(ELSEWHERE_HOSTS.googleTokens), place(ELSEWHERE_HOSTS.googleSecrets)];
    case 'azure-key-vault':
    case 'azure-managed-hsm':
      return [
        place(ELSEWHERE_HOSTS.azureTokens),
        placeOfUrl('key' in description ? description.key : description.vault),
      ];
    case 'vault-transit':
    case 'vault-kv':
      return [placeOfUrl(description.address)];
    case 'secrets-manager':
      return [];
  }
}

function placeOfUrl(url: string): string {
  const { hostname, port } = new URL(url);
  return place(hostname, port === '' ? 443 : Number(port));
}

function place(host: string, port = 443): string {
  return `${host}:${port}`;
}
