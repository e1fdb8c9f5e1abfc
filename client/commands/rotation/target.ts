import type { CensusGroup } from '../../../lambda/contract/responses';
import type { ShareVaultClient } from '../../client';
import { type Context, CommandFailure } from '../command';
import { EXIT } from '../exit-codes';
import { AccountKeys } from './account-keys';

/** The key and the key material that records should be sealed under. */
export interface Target {
  readonly keyId: string;
  /** absent: a key whose material has no id, so any of it is current */
  readonly keyMaterialId?: string;
  /** who said so */
  readonly source: 'AWS' | 'the last reseal';
  /** whether AWS named it, or named none since the share key is outside AWS: otherwise a rotation may be missing */
  readonly isCertain: boolean;
}

/** Whether records are sealed under the target. */
export function isCurrent(
  { keyId, keyMaterialId }: CensusGroup,
  target: Pick<Target, 'keyId' | 'keyMaterialId'>,
): boolean {
  if (keyId !== target.keyId) return false;
  return target.keyMaterialId === undefined || keyMaterialId === target.keyMaterialId;
}

/**
 * Returns the target as AWS says; to a caller without the permissions as the last reseal had it. `undefined` if there was
 * none.
 */
export async function targetOf(context: Context, vault: ShareVaultClient): Promise<Target | undefined> {
  let isCertain = true;
  try {
    const target = await askAws(context);
    if (target !== undefined) return target;
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.exit !== EXIT.refused) throw error;
    isCertain = false;
    context.stderr.write(`share-vault keys: ${error.message}: compared with the target of the last reseal\n`);
  }
  const [last] = await vault.reseals();
  if (last === undefined) return undefined;
  const { keyId, keyMaterialId } = last;
  return { keyId, ...(keyMaterialId !== undefined && { keyMaterialId }), source: 'the last reseal', isCertain };
}

async function askAws(context: Context): Promise<Target | undefined> {
  using account = new AccountKeys(context);
  const keyId = await account.shareKey();
  if (keyId === undefined) return undefined;
  const { CurrentKeyMaterialId: keyMaterialId } = await account.describe(keyId);
  return { keyId, ...(keyMaterialId !== undefined && { keyMaterialId }), source: 'AWS', isCertain: true };
}
