import { type AuthorizationRequest, type Policies } from './request';
import { decide } from './decide';
import type { Decision } from './decision';
import type { Context } from './document';
import type { Policy } from './policy';

export interface Authorizer {
  /** Returns the same decision as `decide`. A cached decision takes microseconds. */
  decide(request: AuthorizationRequest, policies: Policies): Promise<Decision>;
  /** the number of cached decisions */
  readonly size: number;
}

/** Enough for each role of a few stacks with all its calls. */
const MAX_DECISIONS = 1_000;

/** Replaces the value of a condition key that no policy mentions. */
const PLACEHOLDER = '-';

/**
 * Creates an authorizer with a cache that evicts the least recently used decision.
 *
 * Values that no policy mentions are removed from the request *before* the evaluation, and the cache key is the entire
 * remaining request. So the cache key holds every value that the evaluation can see. The names of condition keys are
 * kept, because a key that the action doesn't have is an error. Encryption contexts that differ only in values that no
 * policy mentions, such as a record's id, share a decision.
 */
export function createAuthorizer(limit = MAX_DECISIONS): Authorizer {
  const decisions = new Map<string, Promise<Decision>>();
  return {
    decide: (request, policies) => {
      const reduced = { ...request, context: reduceContext(request.context, allPolicies(policies)) };
      const key = keyOf(reduced, policies);
      const decision = decisions.get(key) ?? decide(reduced, policies);
      // moves the entry to the end of the map: the first entry is the least recently used
      decisions.delete(key);
      decisions.set(key, decision);
      for (const oldest of decisions.keys()) {
        if (decisions.size <= limit) break;
        decisions.delete(oldest);
      }
      // errors are not cached; the caller receives the error from its own promise
      decision.catch(() => decisions.delete(key));
      return decision;
    },
    get size() {
      return decisions.size;
    },
  };
}

function allPolicies({ identity, boundary, resource, endpoint, serviceControl = [] }: Policies): readonly Policy[] {
  return [...identity, boundary, resource, endpoint, ...serviceControl].filter((policy) => policy !== undefined);
}

/** Returns the context with placeholders for values that no policy mentions. A list stays a list. */
function reduceContext(context: Context, policies: readonly Policy[]): Context {
  return Object.fromEntries(
    Object.entries(context).map(([key, value]) => {
      if (policies.some((policy) => policy.mentions(key))) return [key, value];
      return [key, typeof value === 'string' ? PLACEHOLDER : [PLACEHOLDER]];
    }),
  );
}

/** Returns the cache key: the request and the policies' digests as JSON, so different requests have different keys. */
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
