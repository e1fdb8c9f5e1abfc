import {
  type AuthorizationRequest,
  type CallFacts,
  callContext,
  createAuthorizer,
  type Decision,
  FULL_AWS_ACCESS,
  type Policies,
  type Policy,
} from '../../emulator/authorization';
import { ACCOUNT, REGION } from './place';
import type { Principal } from './principals';

/** The facts of a request besides its principal, action and resource. */
export type Facts = Omit<CallFacts, 'principal' | 'action' | 'region'>;

/** A request that any principal can send to a vault. */
export interface Request {
  /** Its name in tables: `kms:Decrypt share key, other field`. */
  readonly name: string;
  readonly action: string;
  readonly resource: string;
  /** the account that owns the resource, and the region @default - those of `place.ts` */
  readonly place?: { readonly account: string; readonly region: string };
  readonly facts?: Facts;
  /** Condition keys that override those of the facts; undefined removes one. */
  readonly context?: Readonly<Record<string, string | undefined>>;
  readonly resourcePolicy?: Policy | undefined;
  /** The policy of the vault's endpoint, for callers inside its network. */
  readonly endpointPolicy?: Policy | undefined;
}

export type Verdict = 'allow' | 'deny';

/** The local vault's authorizer, with a cache for every cell of the matrix. */
const authorizer = createAuthorizer(50_000);

/** Returns the verdict on a principal's request, under service control policies if any are given. */
export async function verdict(request: Request, principal: Principal, control?: readonly Policy[]): Promise<Verdict> {
  return (await decision(request, principal, control)).allowed ? 'allow' : 'deny';
}

/**
 * Returns the decision with its reasons. Rejects if the evaluator would drop a condition key: a deny for that reason
 * proves nothing.
 */
export function decision(request: Request, principal: Principal, control?: readonly Policy[]): Promise<Decision> {
  return authorizer.decide(requestOf(request, principal), policiesFor(request, principal, control));
}

const PLACE = { account: ACCOUNT, region: REGION };

function requestOf(
  { action, resource, facts, context = {}, place = PLACE }: Request,
  principal: Principal,
): AuthorizationRequest {
  const known = callContext({
    principal,
    action,
    region: place.region,
    principalTags: principal.tags,
    sourceFunctionArn: principal.functionArn,
    ...facts,
  });
  const said = Object.entries({ ...known, ...context }).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return { principal, action, resource, context: Object.fromEntries(said) };
}

function policiesFor(request: Request, principal: Principal, control: readonly Policy[] | undefined): Policies {
  return {
    identity: principal.policies,
    boundary: principal.boundary,
    resource: request.resourcePolicy,
    resourceAccount: (request.place ?? PLACE).account,
    endpoint: principal.inNetwork ? request.endpointPolicy : undefined,
    serviceControl: control && [FULL_AWS_ACCESS, ...control],
  };
}
