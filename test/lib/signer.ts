import type { Stack } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import { MaterialKind } from '../../lib/material-kind';
import type { ShareVaultProps } from '../../lib/share-vault-props';
import { testVault } from '../support/vault';

/** What an actor that signs may use. */
export const KINDS = { kinds: [MaterialKind.DELEGATED_SHARE] };
/** The start of every alias's ARN. */
export const ALIAS = 'arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:share-vault-staging';

/** Returns a vault with the actor `signer`. */
export function vaultWithSigner(stack?: Stack, props: Partial<ShareVaultProps> = {}) {
  const made = testVault(props, stack);
  made.vault.addActor('signer', KINDS);
  return made;
}

/** Returns the ids of the actors' aliases; the daily sweep has an alias too. */
export function actorAliases(template: Template): readonly string[] {
  return Object.keys(template.findResources('AWS::Lambda::Alias')).filter((id) => id.includes('Actor'));
}
