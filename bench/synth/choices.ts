import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { App } from 'aws-cdk-lib';
import { Egress } from '../../lib/egress';
import { ExternalKey } from '../../lib/external-key';
import { MaterialKind } from '../../lib/material-kind';
import { Operation } from '../../lib/operation';
import { ShareVault } from '../../lib/share-vault';
import type { ShareVaultProps } from '../../lib/share-vault-props';

/** Creates the vaults of one choice in the stack. */
export type Choice = (stack: Stack) => void;

type Props = Omit<ShareVaultProps, 'environment'>;

const WEBHOOK: Props = { webhook: {} };
const ACTOR_OPERATIONS = [Operation.SEAL, Operation.UNSEAL, Operation.REVOKE, Operation.PROPERTIES];

function vault(stack: Stack, props: Props = {}, environment = 'staging'): ShareVault {
  return new ShareVault(stack, environment, {
    environment,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ...props,
  });
}

function actor(of: ShareVault, name: string): void {
  of.addActor(name, { kinds: [MaterialKind.DELEGATED_SHARE], operations: ACTOR_OPERATIONS });
}

const elsewhere = (): Props => ({
  otherKeys: [
    ExternalKey.googleCloudKms({
      key: 'projects/benchmark/locations/europe-west3/keyRings/share-vault/cryptoKeys/share-key',
      workloadIdentityProvider:
        'projects/123456789012/locations/global/workloadIdentityPools/share-vault/providers/aws-vault',
    }),
  ],
  egress: Egress.firewall(),
});

/** The vault that each option is added to, and the options. */
export const BASE = 'vault without options';
const SECOND = 'second vault in the same stack';
export const CHOICES: Readonly<Record<string, Choice>> = {
  [BASE]: (stack) => vault(stack),
  webhook: (stack) => vault(stack, WEBHOOK),
  tombstones: (stack) => vault(stack, { tombstones: {} }),
  restoreTesting: (stack) => vault(stack, { restoreTesting: {} }),
  'key elsewhere, with its way out': (stack) => vault(stack, elsewhere()),
  consumerEndpoint: (stack) => vault(stack, { consumerEndpoint: true }),
  'actor with four operations': (stack) => actor(vault(stack), 'backend'),
  [SECOND]: (stack) => {
    vault(stack);
    vault(stack, {}, 'second');
  },
};

/** Those of a quick run. */
export const QUICK_CHOICES = [BASE, 'webhook', SECOND] as const;

/** Creates a stack with the choice. */
export function createChoice(app: App, name: string, choice: Choice): Stack {
  const stack = new Stack(app, name.replaceAll(/[^a-zA-Z]+/g, '-'));
  choice(stack);
  return stack;
}
