import type { RequestAnalysis, Simulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument } from './document';
import { AuthorizationError } from './errors';
import type { Policy } from './policy';
import { type AuthorizationRequest, type Policies, checkRequest, isService } from './request';
import { type Simulator, loadSimulator } from './simulator';
import { spell, spellContext, spellDocument, spellEndpoint, unspell } from './spelling';

const documents = new WeakMap<Policy, PolicyDocument>();

/**
 * Runs the simulator. It implements KMS's own rule: identity policies have an effect only if the key policy trusts the
 * account. Throws `AuthorizationError` if the simulator ignores a part of the request, because its result would be
 * meaningless. Policies are identified by their index within their kind (`0`, `1`, …), so two can have the same name.
 */
export async function simulate(request: AuthorizationRequest, policies: Policies): Promise<RequestAnalysis> {
  checkRequest(request, policies);
  const simulator = await loadSimulator();
  await requireSingle(request, simulator);
  const response = await simulator.runSimulation(simulationOf(request, policies), { simulationMode: 'Strict' });
  const what = `${request.action} on ${request.resource}`;
  if (response.resultType === 'error') throw new AuthorizationError(...problemOf(what, response.errors));
  if (response.resultType !== 'single') {
    throw new AuthorizationError('RequestInvalid', `${what}: expected one result, got those of a pattern`);
  }
  const { ignoredContextKeys = [], analysis } = response.result;
  if (ignoredContextKeys.length > 0) {
    const keys = ignoredContextKeys.map(unspell).join(', ');
    throw new AuthorizationError('RequestInvalid', `${what}: expected condition keys of that action, got ${keys}`);
  }
  return analysis;
}

function simulationOf(request: AuthorizationRequest, policies: Policies): Simulation {
  const { boundary, resource, endpoint } = policies;
  // service control policies don't apply to services that call on their own behalf
  const serviceControl = isService(request.principal) ? [] : (policies.serviceControl ?? []);
  return {
    request: {
      principal: request.principal.arn,
      action: request.action,
      resource: { resource: request.resource, accountId: policies.resourceAccount },
      contextVariables: spellContext(request.action, request.context),
    },
    identityPolicies: numbered(policies.identity),
    serviceControlPolicies:
      serviceControl.length === 0 ? [] : [{ orgIdentifier: 'organization', policies: numbered(serviceControl) }],
    resourceControlPolicies: [],
    ...(resource && { resourcePolicy: spelled(resource) }),
    ...(boundary && { permissionBoundaryPolicies: numbered([boundary]) }),
    ...(endpoint && { vpcEndpointPolicies: [{ name: '0', policy: spellEndpoint(endpoint.document) }] }),
  };
}

function numbered(policies: readonly Policy[]): { readonly name: string; readonly policy: PolicyDocument }[] {
  return policies.map((policy, index) => ({ name: String(index), policy: spelled(policy) }));
}

function spelled(policy: Policy): PolicyDocument {
  const document = documents.get(policy) ?? spellDocument(policy.document);
  documents.set(policy, document);
  return document;
}

/** Throws `RequestInvalid` if a single-valued key has a list: the simulator would use only the first value. */
async function requireSingle({ action, context }: AuthorizationRequest, simulator: Simulator): Promise<void> {
  for (const [key, value] of Object.entries(context)) {
    if (typeof value === 'string') continue;
    const single = await simulator.typeForContextKey(spell(key).toLowerCase()).then(
      (type) => !simulator.isConditionKeyArray(type),
      () => false, // the simulator itself reports an unknown key
    );
    if (single) throw new AuthorizationError('RequestInvalid', `${action}: expected one value of ${key}, got a list`);
  }
}

/**
 * Returns the code and message for the simulator's errors. They name positions in policies, or describe the request.
 */
function problemOf(what: string, errors: { readonly message: string }): ['PolicyInvalid' | 'RequestInvalid', string] {
  if (errors.message !== 'policy.errors') {
    return ['RequestInvalid', `${what}: expected a request that can be evaluated, got ${errors.message}`];
  }
  return ['PolicyInvalid', `${what}: expected policies that can be evaluated, got ${JSON.stringify(errors)}`];
}
