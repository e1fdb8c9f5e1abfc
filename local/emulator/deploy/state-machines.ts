import { randomUUID } from 'node:crypto';
import { parseFunctionReference } from '../function-reference';
import { AwsError } from '../services/errors';
import type { LambdaEndpoint } from '../services/functions/endpoint';
import {
  type Invoke,
  type Json,
  LocalStates,
  type ServiceCall,
  StateError,
  type StateMachine,
  readMachine,
} from '../services/states';
import type { Skipped, StackTemplate, StateMachinePart } from '../template';
import type { Authority } from './authority';
import type { Gate } from './gate';
import type { Identities } from './identities';
import type { Principal } from '../signature';
import type { StackPlace } from './place';
import type { Restores } from './restores';
import { serviceSession } from './service-session';

/** What a state machine calls functions with. */
export interface TaskParts {
  readonly place: StackPlace;
  readonly authority: Authority;
  readonly identities: Identities;
  readonly gate: Gate;
  readonly lambda: LambdaEndpoint;
  readonly restores: Restores;
}

/** Creates Step Functions with the template's machines that run here. */
export function createStates(
  template: StackTemplate,
  parts: TaskParts,
  longestWaitSeconds: number | undefined,
): LocalStates {
  const machines = template.stateMachines().flatMap((part) => read(part).machine ?? []);
  return new LocalStates({
    ...{ machines, longestWaitSeconds },
    invoke: (of, call) => invokeTask(of, call, parts),
    callService: (of, call) => callTask(of, call, parts),
  });
}

/** Returns the machines that don't run here, with the first part of each that doesn't. */
export function skippedMachines(template: StackTemplate): readonly Skipped[] {
  return template.stateMachines().flatMap((part) => {
    const { problem } = read(part);
    return problem === undefined ? [] : [{ type: `AWS::StepFunctions::StateMachine: ${problem}`, logicalId: part.logicalId }]; // prettier-ignore
  });
}

function read(part: StateMachinePart): { readonly machine?: StateMachine; readonly problem?: string } {
  const { name, arn, roleArn, definition, type } = part;
  if (type !== 'STANDARD') return { problem: `expected the type STANDARD, got ${type}` };
  if (definition === undefined) return { problem: 'expected a definition in the template, got none' };
  try {
    return { machine: { name, arn, roleArn, definition, machine: readMachine(JSON.parse(definition)) } };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: 'expected a definition in JSON, got something else' };
    if (error instanceof TypeError) return { problem: error.message };
    throw error;
  }
}

/** Invokes a function with the machine's role, as `lambda:invoke` does, and returns its response. */
async function invokeTask(of: StateMachine, call: Invoke, parts: TaskParts): Promise<Json> {
  const { gate, lambda, place } = parts;
  const { functionName: FunctionName, qualifier: Qualifier, payload } = call;
  const { name, qualifier: within, account = place.account, region = place.region } = requireReference(FunctionName);
  const principal = await sessionOf(of, parts);
  try {
    const lambdaCall = { service: 'lambda', protocol: 'rest-json', operation: 'Invoke' } as const;
    const input = { FunctionName, Qualifier };
    await gate.authorise({ ...lambdaCall, input, caller: { principal }, requestId: randomUUID() });
    if (account !== place.account || region !== place.region) {
      throw new AwsError('ResourceNotFoundException', `Function not found: ${FunctionName}`, 404);
    }
    return responseOf(await lambda.invoke(name, JSON.stringify(payload), Qualifier ?? within ?? '$LATEST'));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw new StateError(ERRORS[error.name] ?? `Lambda.${error.name}`, error.message);
  }
}

/** Calls RDS or AWS Backup with the machine's role, and returns the response. */
async function callTask(of: StateMachine, call: ServiceCall, parts: TaskParts): Promise<Json> {
  const { service, operation, parameters: input } = call;
  const principal = await sessionOf(of, parts);
  const prefix = service.charAt(0).toUpperCase() + service.slice(1);
  try {
    await parts.gate.authorise({ ...{ service, operation, input }, protocol: 'json', caller: { principal }, requestId: randomUUID() }); // prettier-ignore
    return await parts.restores.call(call);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // an error that the service's API does not list has the service's name
    const name = error.name === 'AccessDeniedException' ? `${prefix}Exception` : error.name;
    throw new StateError(`${prefix}.${name}`, error.message);
  }
}

/** Returns a session of the machine's role. Throws `StateError` if its trust policy refuses the machine. */
async function sessionOf(of: StateMachine, parts: TaskParts): Promise<Principal> {
  const role = { service: 'states', roleArn: of.roleArn, sourceArn: of.arn };
  return serviceSession(role, parts).catch((error: unknown) => {
    throw error instanceof AwsError ? new StateError('States.Permissions', error.message) : error;
  });
}

/** The names of Lambda's errors in a machine, if they are not `Lambda.` and the error's own name. */
const ERRORS: Readonly<Record<string, string>> = { AccessDeniedException: 'Lambda.AWSLambdaException' };

function requireReference(functionName: string): NonNullable<ReturnType<typeof parseFunctionReference>> {
  const reference = parseFunctionReference(functionName);
  if (reference !== undefined) return reference;
  throw new StateError('States.Runtime', 'expected the name or ARN of a function, got something else');
}

/** Returns the response of `lambda:invoke`. Throws the function's own error by its type. */
function responseOf({ body, functionError, requestId, version }: Awaited<ReturnType<LambdaEndpoint['invoke']>>): Json {
  const payload = JSON.parse(body === '' ? 'null' : body) as Json;
  if (functionError) throw functionFailure(payload, body);
  const RequestId = requestId;
  return { ExecutedVersion: version, Payload: payload, SdkResponseMetadata: { RequestId }, StatusCode: 200 };
}

function functionFailure(payload: Json, body: string): StateError {
  const type: unknown = typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'errorType') : undefined;
  // Lambda itself ended the function: it ran out of time or memory
  const own = typeof type === 'string' && !/^(Sandbox|Runtime)\./.test(type);
  return new StateError(own ? type : 'Lambda.Unknown', body);
}
