import { ELSEWHERE_PATTERNS } from '../../lambda/contract/elsewhere';
import type { Pattern } from './patterns';

/** The contract's patterns for keys and stores elsewhere, with their descriptions in error messages. */
export const ELSEWHERE = {
  googleKey: {
    pattern: ELSEWHERE_PATTERNS.googleKey,
    expected: 'a name like projects/P/locations/L/keyRings/R/cryptoKeys/K, without a version',
  },
  googleAudience: {
    pattern: ELSEWHERE_PATTERNS.googleAudience,
    expected: 'a name like projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER',
  },
  googleProject: { pattern: ELSEWHERE_PATTERNS.googleProject, expected: 'the id or the number of a project' },
  azureVaultKey: {
    pattern: ELSEWHERE_PATTERNS.azureVaultKey,
    expected: 'a versioned id like https://NAME.vault.azure.net/keys/KEY/VERSION',
  },
  azureHsmKey: {
    pattern: ELSEWHERE_PATTERNS.azureHsmKey,
    expected: 'a versioned id like https://NAME.managedhsm.azure.net/keys/KEY/VERSION',
  },
  azureVault: { pattern: ELSEWHERE_PATTERNS.azureVault, expected: 'an address like https://NAME.vault.azure.net' },
  uuid: { pattern: ELSEWHERE_PATTERNS.uuid, expected: 'a UUID in lower case' },
  vaultAddress: {
    pattern: ELSEWHERE_PATTERNS.vaultAddress,
    expected: 'an address like https://vault.example.com:8200, without a path',
  },
  vaultPath: {
    pattern: ELSEWHERE_PATTERNS.vaultPath,
    expected: 'a path like team/transit, without slashes at its ends',
  },
  vaultName: { pattern: ELSEWHERE_PATTERNS.vaultName, expected: '1 to 128 letters, digits and _-' },
  vaultCa: {
    pattern: ELSEWHERE_PATTERNS.vaultCa,
    expected: 'one X.509 certificate in PEM, of at most 1,536 bytes in DER',
  },
  recoveryName: { pattern: ELSEWHERE_PATTERNS.recoveryName, expected: '1 to 64 letters, digits and _.-' },
  recoveryDigest: { pattern: ELSEWHERE_PATTERNS.recoveryDigest, expected: 'a SHA-256 in base64url' },
  audience: { pattern: ELSEWHERE_PATTERNS.audience, expected: '1 to 255 letters, digits and :/._-' },
} as const satisfies Readonly<Record<keyof typeof ELSEWHERE_PATTERNS, Pattern>>;
