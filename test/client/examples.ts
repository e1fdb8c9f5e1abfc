import { type IntakeKeyOption, ShareVaultClient, ShareVaultError } from '../../client/index';

/* The code in docs/client.md. `examples.test.ts` compares the two and runs it. */

interface Delivered {
  readonly delegatedShare: Uint8Array;
  readonly walletApiKey: Uint8Array;
}
type Sign = (delegatedShare: Uint8Array, walletApiKey: Uint8Array) => Promise<string>;

export function makeClient(
  intakeKey: IntakeKeyOption,
  lambda: ConstructorParameters<typeof ShareVaultClient>[0]['lambda'],
) {
  // example: client
  const vault = new ShareVaultClient({
    environment: 'dev',
    actor: 'signer',
    functions: {
      seal: 'vault-seal',
      unseal: 'vault-unseal',
      revoke: 'vault-revoke',
      properties: 'vault-properties',
      audit: 'vault-audit',
    },
    intakeKeys: [intakeKey], // the newest first: { kid, publicKey }
    lambda, // or leave it out: the process's own region and credentials
  });
  // end
  return vault;
}

export async function seal(vault: ShareVaultClient, walletId: string, materials: Delivered): Promise<string> {
  // example: seal
  const sealing = vault.seal({ kind: 'delegated-share', walletId, chain: 'EVM', userId: 'user-1', materials });
  materials.delegatedShare.fill(0); // they were read already
  materials.walletApiKey.fill(0);
  const { recordId } = await sealing;
  // end
  return recordId;
}

export async function signWith(vault: ShareVaultClient, walletId: string, sign: Sign): Promise<string> {
  // example: unseal
  using record = await vault.unseal({ kind: 'delegated-share', walletId, chain: 'EVM', reason: 'sign transaction 7' });
  const signature = await sign(record.delegatedShare, record.walletApiKey);
  // end
  return signature;
}

export async function readProperties(vault: ShareVaultClient, walletId: string) {
  // example: properties
  const { version, walletProperties } = await vault.properties({ walletId, chain: 'EVM' });
  const first = await vault.properties({ walletId, chain: 'EVM' }, { version: 1 });
  // end
  return { version, walletProperties, first };
}

export async function revokeAndRead(vault: ShareVaultClient, walletId: string): Promise<string[]> {
  const lines: string[] = [];
  // example: audit
  await vault.revoke({ walletId, chain: 'EVM', reason: 'user left' });

  const wallet = { walletId, chain: 'EVM' };
  for await (const { sequence, action, outcome, actor } of vault.accessLog(wallet)) {
    lines.push(`${sequence} ${action} ${outcome} ${actor}`);
  }
  const { intact, head } = await vault.verifyAccessLog(wallet);
  lines.push(`${intact ? 'intact' : 'broken'} ${head}`);
  // end
  return lines;
}

export async function openIfHeld(vault: ShareVaultClient, walletId: string) {
  // example: errors
  try {
    return await vault.unseal({ kind: 'delegated-share', walletId, chain: 'EVM', reason: 'sign transaction 7' });
  } catch (error) {
    if (error instanceof ShareVaultError && error.code === 'NotFound') return undefined;
    throw error;
  }
  // end
}
