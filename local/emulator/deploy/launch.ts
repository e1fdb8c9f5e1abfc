import { randomUUID } from 'node:crypto';
import { AwsError } from '../services/errors';
import { LambdaError } from '../services/functions/errors';
import type { FunctionPart } from '../template';
import type { Authority } from './authority';
import type { Identities } from './identities';
import type { StackPlace } from './place';

/** The actions that Lambda calls with a function's role to attach it to a VPC. */
const NETWORK_ACTIONS = [
  'CreateNetworkInterface',
  'DescribeNetworkInterfaces',
  'DescribeSubnets',
  'DeleteNetworkInterface',
  'AssignPrivateIpAddresses',
  'UnassignPrivateIpAddresses',
] as const;

export interface LaunchOptions {
  readonly part: FunctionPart;
  /** true if its invocations are traced */
  readonly traced: boolean;
  readonly place: StackPlace;
  readonly identities: Identities;
  readonly authority: Authority;
  /** receives true if its role may write its log */
  readonly mayLog: (may: boolean) => void;
}

/**
 * Authorises Lambda's own calls with a function's role before a process starts. Throws `LambdaError` if a call for its
 * network interfaces is refused. If its log or its traces are refused, the process starts without them.
 */
export async function launch({ part, traced, place, identities, authority, mayLog }: LaunchOptions): Promise<void> {
  const principal = identities.functionRole(part);
  const requireAllowed = (action: string, resource: string): Promise<void> =>
    authority.require({ principal, action, resource }, randomUUID());
  if (part.network !== undefined) await requireInterfaces(requireAllowed, place);
  const group = part.logGroup ?? `/aws/lambda/${part.name}`;
  const stream = `arn:aws:logs:${place.region}:${place.account}:log-group:${group}:log-stream:${part.name}`;
  const logged = await Promise.all([
    isAllowed(requireAllowed('logs:CreateLogStream', stream)),
    isAllowed(requireAllowed('logs:PutLogEvents', stream)),
  ]);
  mayLog(logged.every((may) => may));
  if (!traced) return;
  for (const action of ['PutTraceSegments', 'PutTelemetryRecords'])
    await isAllowed(requireAllowed(`xray:${action}`, '*'));
}

async function requireInterfaces(
  requireAllowed: (action: string, resource: string) => Promise<void>,
  { region, account }: StackPlace,
): Promise<void> {
  for (const action of NETWORK_ACTIONS) {
    const resource = action.startsWith('Describe') ? '*' : `arn:aws:ec2:${region}:${account}:network-interface/eni-0`;
    if (await isAllowed(requireAllowed(`ec2:${action}`, resource))) continue;
    const message = `The provided execution role does not have permissions to call ${action} on EC2`;
    throw new LambdaError('EC2AccessDeniedException', message);
  }
}

/** Returns false if the call is refused. The refusal is then in the trail. */
async function isAllowed(call: Promise<void>): Promise<boolean> {
  return call.then(
    () => true,
    (error: unknown) => {
      if (error instanceof AwsError) return false;
      throw error;
    },
  );
}
