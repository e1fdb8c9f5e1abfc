import { RemovalPolicy } from 'aws-cdk-lib';
import type { ShareVaultProps } from '../share-vault';

/** What an environment's name chooses where its props don't: `dev` costs little, `prod` survives a zone. */
export function withDefaults(props: ShareVaultProps): ShareVaultProps {
  const dev = props.environment === 'dev';
  const prod = props.environment === 'prod';
  return {
    ...props,
    minCapacity: props.minCapacity ?? (dev ? 0 : 0.5),
    readers: props.readers ?? (prod ? 1 : 0),
    endpointZones: props.endpointZones ?? (dev ? 1 : 2),
    backupPlan: props.backupPlan ?? (!dev && props.removalPolicy !== RemovalPolicy.DESTROY),
  };
}

/** What `prod` must not do without, whoever composes it. */
export function requireProduction(props: ShareVaultProps): void {
  if (props.environment !== 'prod') return;
  const problems = [
    ...(props.minCapacity === 0 ? ['expected a minCapacity over 0, got one that pauses the database'] : []),
    ...(props.removalPolicy === RemovalPolicy.DESTROY ? ['expected a removalPolicy that retains, got DESTROY'] : []),
    ...((props.readers ?? 0) < 1 ? ['expected a reader in a second zone, got none'] : []),
    ...((props.endpointZones ?? 2) < 2 ? ['expected endpoints in two zones, got 1'] : []),
  ];
  if (problems.length > 0) throw new Error(`environment prod: ${problems.join('; ')}`);
}
