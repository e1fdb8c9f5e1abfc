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

/** What a request says beside who asks for what. */
export type Facts = Omit<CallFacts, 'principal' | 'action' | 'region'>;

/** One thing that can be asked of a vault, by anyone. */
export interface Ask {
  /** As it stands in tables: `kms:Decrypt share key, other field`. */
  readonly name: string;
  readonly action: string;
  readonly resource: string;
  readonly facts?: Facts;
  /** Condition keys over those that follow from the rest; undefined takes one away. */
  readonly context?: Readonly<Record<string, string | undefined>>;
  readonly resourcePolicy?: Policy | undefined;
  /** Of the vault's endpoint on the way, for those inside its network. */
  readonly endpointPolicy?: Policy | undefined;
}

export type Verdict = 'allow' | 'deny';

/** As the local vault's; it remembers every cell that a test file asks for. */
const authorizer = createAuthorizer(50_000);

/** Whether a principal is allowed what it asks, under service control policies if any are given. */
export async function verdict(asked: Ask, principal: Principal, control?: readonly Policy[]): Promise<Verdict> {
  return (await decision(asked, principal, control)).allowed ? 'allow' : 'deny';
}

/**
 * The same with its reasons. Rejects where it can't be said, above all where a condition key would not be heard: a deny
 * for that reason proves nothing.
 */
export function decision(asked: Ask, principal: Principal, control?: readonly Policy[]): Promise<Decision> {
  return authorizer.decide(requestOf(asked, principal), policiesFor(asked, principal, control));
}

function requestOf({ action, resource, facts, context = {} }: Ask, principal: Principal): AuthorizationRequest {
  const known = callContext({
    principal,
    action,
    region: REGION,
    principalTags: principal.tags,
    sourceFunctionArn: principal.functionArn,
    ...facts,
  });
  const said = Object.entries({ ...known, ...context }).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return { principal, action, resource, context: Object.fromEntries(said) };
}

function policiesFor(asked: Ask, principal: Principal, control: readonly Policy[] | undefined): Policies {
  return {
    identity: principal.policies,
    boundary: principal.boundary,
    resource: asked.resourcePolicy,
    resourceAccount: ACCOUNT,
    endpoint: principal.inNetwork ? asked.endpointPolicy : undefined,
    serviceControl: control && [FULL_AWS_ACCESS, ...control],
  };
}
