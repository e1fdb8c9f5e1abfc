import { RemovalPolicy } from 'aws-cdk-lib';
import type { ShareVaultProps } from '../share-vault-props';
import { requireAccessLog } from './access-log-checks';
import { requireEnvironment, requireObject } from './checks';
import { reservesByDefault } from './reservation';

type KeyNames = Required<Pick<ShareVaultProps, 'intakeKeyIds' | 'webhookKeyIds'>>;

/**
 * Returns the props with the defaults of an environment's name: `dev` costs little, `prod` survives the failure of a
 * zone.
 */
export function withDefaults(props: ShareVaultProps): ShareVaultProps & KeyNames {
  requireObject('props', props);
  requireEnvironment(props.environment);
  if (props.webhook !== undefined) requireObject('webhook', props.webhook);
  if (props.tombstones !== undefined) requireObject('tombstones', props.tombstones);
  requireAccessLog(props);
  if (props.restoreTesting !== undefined) requireObject('restoreTesting', props.restoreTesting);
  const dev = props.environment === 'dev';
  const prod = props.environment === 'prod';
  // defaults only replace undefined: all other values are checked, a JavaScript caller's `null` included
  const {
    minCapacity = dev ? 0 : 0.5,
    readers = prod ? 1 : 0,
    endpointZones = dev ? 1 : 2,
    reserveConcurrency = reservesByDefault(props),
    backupPlan = !dev && props.removalPolicy !== RemovalPolicy.DESTROY,
    intakeKeyIds = ['intake-1'],
    webhookKeyIds = ['webhook-1'],
  } = props;
  return { ...props, minCapacity, readers, endpointZones, reserveConcurrency, backupPlan, intakeKeyIds, webhookKeyIds };
}

/** Throws if `prod` lacks a protection that it must have in every composition. */
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
