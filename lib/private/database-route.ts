import type * as iam from 'aws-cdk-lib/aws-iam';
import { AMAZON_TRUST } from '../../lambda/contract/amazon-trust';
import { ENV } from '../../lambda/contract/variables';
import { CALLED_HANDLERS } from './connection-shares';

/** What a function logs in to. */
interface Target {
  readonly host: string;
  readonly port: number;
  grantConnect(grantee: iam.IGrantable, user: string): iam.Grant;
}

/** How a function reaches the database. */
export interface DatabaseRoute {
  readonly target: Target;
  /** Environment variables of the function. */
  readonly variables: Readonly<Record<string, string>>;
}

/** File with the certificate authorities of RDS in Lambda's Node images. */
const CA_FILE = '/var/runtime/ca-cert.pem';

/** Database users of the handlers that connect through a proxy. */
export const POOLED_USERS: readonly string[] = [
  'vault_receiver',
  'vault_sealer',
  'vault_unsealer',
  'vault_revoker',
  'vault_reader',
  'vault_auditor',
  'vault_freezer',
  'vault_thawer',
];

/** Whether a handler uses the proxy: the others keep their session over several transactions. */
export function isPooled(handler: string): boolean {
  return CALLED_HANDLERS.includes(handler);
}

export function directRoute(target: Target): DatabaseRoute {
  return { target, variables: { ...addressOf(target), [ENV.dbCaFile]: CA_FILE } };
}

/** A proxy's certificate is of AWS Certificate Manager, and so not of the authorities of RDS. */
export function pooledRoute(target: Target): DatabaseRoute {
  return { target, variables: { ...addressOf(target), [ENV.dbCaFile]: AMAZON_TRUST, [ENV.dbPooled]: 'true' } };
}

function addressOf({ host, port }: Target): Readonly<Record<string, string>> {
  return { [ENV.dbHost]: host, [ENV.dbPort]: String(port) };
}
