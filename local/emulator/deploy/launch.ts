import { randomUUID } from 'node:crypto';
import { AwsError } from '../services/errors';
import { LambdaError } from '../services/functions/errors';
import type { FunctionPart } from '../template';
import type { Authority } from './authority';
import type { Identities } from './identities';
import type { StackPlace } from './place';

/** What Lambda does with a function's role to put it into a VPC, none of which can be narrowed to a resource. */
const NETWORK_ACTIONS = [
  'CreateNetworkInterface',
  'DescribeNetworkInterfaces',
  'DescribeSubnets',
  'DeleteNetworkInterface',
  'AssignPrivateIpAddresses',
  'UnassignPrivateIpAddresses',
] as const;

export interface LaunchOf {
  readonly part: FunctionPart;
  /** whether its invocations are traced */
  readonly traced: boolean;
  readonly place: StackPlace;
  readonly identities: Identities;
  readonly authority: Authority;
  /** told whether its lines may be written */
  readonly mayLog: (may: boolean) => void;
}

/**
 * What Lambda asks in a function's name, beside its code, as a process of it starts: network interfaces, without which
 * it doesn't; its log and its traces, without which it runs unseen.
 */
export async function launch({ part, traced, place, identities, authority, mayLog }: LaunchOf): Promise<void> {
  const principal = identities.functionRole(part);
  const asks = (action: string, resource: string): Promise<void> =>
    authority.require({ principal, action, resource }, randomUUID());
  if (part.network !== undefined) await makeInterfaces(asks, place);
  const group = part.logGroup ?? `/aws/lambda/${part.name}`;
  const stream = `arn:aws:logs:${place.region}:${place.account}:log-group:${group}:log-stream:${part.name}`;
  const logged = await Promise.all([
    passes(asks('logs:CreateLogStream', stream)),
    passes(asks('logs:PutLogEvents', stream)),
  ]);
  mayLog(logged.every((may) => may));
  if (!traced) return;
  for (const action of ['PutTraceSegments', 'PutTelemetryRecords']) await passes(asks(`xray:${action}`, '*'));
}

async function makeInterfaces(
  asks: (action: string, resource: string) => Promise<void>,
  { region, account }: StackPlace,
): Promise<void> {
  for (const action of NETWORK_ACTIONS) {
    const one = action.startsWith('Describe') ? '*' : `arn:aws:ec2:${region}:${account}:network-interface/eni-0`;
    if (await passes(asks(`ec2:${action}`, one))) continue;
    const message = `The provided execution role does not have permissions to call ${action} on EC2`;
    throw new LambdaError('EC2AccessDeniedException', message);
  }
}

/** False where it is refused, which is on the trail then. */
async function passes(asked: Promise<void>): Promise<boolean> {
  return asked.then(
    () => true,
    (error: unknown) => {
      if (error instanceof AwsError) return false;
      throw error;
    },
  );
}
