import { type AuthorizationRequest, type Policies } from './request';
import { decide } from './decide';
import type { Decision } from './decision';
import type { Context } from './document';
import type { Policy } from './policy';

export interface Authorizer {
  /** As `decide`, and the same answer; one that was given before costs microseconds. */
  decide(request: AuthorizationRequest, policies: Policies): Promise<Decision>;
  /** answers that are remembered now */
  readonly size: number;
}

/** Enough for every role of a few vaults against everything that it calls. */
const LIMIT = 1_000;

/** What stands for values that bear on nothing. */
const UNHEARD = '-';

/**
 * Decisions, the least lately used forgotten beyond a limit. What can't change a decision is taken out of the request
 * *before* it is decided, and what is left, whole, is what it is remembered by: a value that no policy mentions is
 * never seen by the evaluation, so it can't have been left out of the key. Names of condition keys stay, since a key
 * that the action doesn't have is an error. Records' own encryption contexts therefore share their answers.
 */
export function createAuthorizer(limit = LIMIT): Authorizer {
  const decisions = new Map<string, Promise<Decision>>();
  return {
    decide: (request, policies) => {
      const heard = { ...request, context: heardContext(request.context, policiesIn(policies)) };
      const key = keyOf(heard, policies);
      const decision = decisions.get(key) ?? decide(heard, policies);
      // to the end of the map, so that the first in it is the least lately used
      decisions.delete(key);
      decisions.set(key, decision);
      for (const oldest of decisions.keys()) {
        if (decisions.size <= limit) break;
        decisions.delete(oldest);
      }
      // an error is no decision; the caller hears of it by its own promise
      decision.catch(() => decisions.delete(key));
      return decision;
    },
    get size() {
      return decisions.size;
    },
  };
}

function policiesIn({ identity, boundary, resource, endpoint, serviceControl = [] }: Policies): readonly Policy[] {
  return [...identity, boundary, resource, endpoint, ...serviceControl].filter((policy) => policy !== undefined);
}

/** The context with the values alone that some policy mentions; of the others, whether they are lists. */
function heardContext(context: Context, policies: readonly Policy[]): Context {
  return Object.fromEntries(
    Object.entries(context).map(([key, value]) => {
      if (policies.some((policy) => policy.mentions(key))) return [key, value];
      return [key, typeof value === 'string' ? UNHEARD : [UNHEARD]];
    }),
  );
}

/** All of a request and its policies, as text: JSON keeps apart what differs. */
function keyOf({ principal, action, resource, context }: AuthorizationRequest, policies: Policies): string {
  return JSON.stringify([
    [principal.arn, principal.roleArn, principal.account, action, resource, policies.resourceAccount],
    Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1)),
    policies.identity.map(({ digest }) => digest),
    policies.boundary?.digest ?? null,
    policies.resource?.digest ?? null,
    policies.endpoint?.digest ?? null,
    (policies.serviceControl ?? []).map(({ digest }) => digest),
  ]);
}
