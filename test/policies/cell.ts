import type { Context, PolicyDocument } from '../support/iam/document';
import { ask, type Question, type Verdict } from '../support/iam/simulate';
import { OWNER } from '../support/iam/vault-policies';
import type { Principal } from './principals';

/** One thing that can be asked of a vault, by anyone. */
export interface Ask {
  /** As it stands in tables: `kms:Decrypt share key, other field`. */
  readonly name: string;
  readonly action: string;
  readonly resource: string;
  /** What the request says; undefined where it doesn't say it. */
  readonly context: (principal: Principal) => Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly resourcePolicy?: PolicyDocument | undefined;
  /** Of the vault's endpoint on the way, for those inside its network. */
  readonly endpointPolicy?: PolicyDocument | undefined;
}

/** Whether a principal is allowed what it asks, under a service control policy if one is given. */
export function verdict(asked: Ask, principal: Principal, serviceControlPolicy?: PolicyDocument): Promise<Verdict> {
  return ask(question(asked, principal, serviceControlPolicy));
}

export function question(asked: Ask, principal: Principal, serviceControlPolicy?: PolicyDocument): Question {
  return {
    principal: principal.arn,
    action: asked.action,
    resource: asked.resource,
    owner: OWNER,
    context: said({ ...identity(principal), ...asked.context(principal) }),
    identityPolicies: principal.policies,
    resourcePolicy: asked.resourcePolicy,
    endpointPolicy: principal.inNetwork ? asked.endpointPolicy : undefined,
    serviceControlPolicy,
  };
}

/** What AWS says of everyone. */
function identity(principal: Principal): Readonly<Record<string, string | undefined>> {
  return {
    'aws:PrincipalArn': principal.identity,
    'aws:PrincipalAccount': principal.account,
    'aws:PrincipalIsAWSService': 'false',
    'aws:SecureTransport': 'true',
    'aws:ViaAWSService': 'false',
    'lambda:SourceFunctionArn': principal.functionArn,
  };
}

function said(context: Readonly<Record<string, string | readonly string[] | undefined>>): Context {
  return Object.fromEntries(
    Object.entries(context).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}
