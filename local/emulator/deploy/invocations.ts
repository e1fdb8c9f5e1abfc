import { randomUUID } from 'node:crypto';
import type { Caller } from '../services/guard';
import type { Invocation, LambdaEndpoint } from '../services/functions/endpoint';
import type { Gate } from './gate';

/** Throws `AwsError` unless the caller may invoke the function. */
export async function requireInvoke(
  gate: Gate,
  caller: Caller,
  { name, qualifier }: { readonly name: string; readonly qualifier: string | undefined },
): Promise<void> {
  const call = { service: 'lambda', protocol: 'rest-json', operation: 'Invoke' } as const;
  const input = { FunctionName: name, Qualifier: qualifier };
  await gate.authorise({ ...call, input, caller, requestId: randomUUID() });
}

/** An invocation by a service, on behalf of a resource of the account. */
export interface ServiceInvocation {
  /** `events`, `apigateway` */
  readonly service: string;
  readonly sourceArn: string;
  readonly name: string;
  readonly qualifier: string;
  /** JSON */
  readonly event: string;
}

/** Invokes a function as a service does. Throws `AwsError` if the function's policy doesn't allow it. */
export async function invokeAsService(
  lambda: LambdaEndpoint,
  gate: Gate,
  account: string,
  { service, sourceArn, name, qualifier, event }: ServiceInvocation,
): Promise<Invocation> {
  const arn = `${service}.amazonaws.com`;
  await requireInvoke(gate, { principal: { arn, roleArn: arn, account }, sourceArn }, { name, qualifier });
  return lambda.invoke(name, event, qualifier);
}
