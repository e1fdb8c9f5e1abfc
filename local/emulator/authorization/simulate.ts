import type { RequestAnalysis, Simulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument } from './document';
import { AuthorizationError } from './errors';
import type { Policy } from './policy';
import { type AuthorizationRequest, type Policies, checkRequest, isService } from './request';
import { type Simulator, loadSimulator } from './simulator';
import { spell, spellContext, spellDocument, spellEndpoint, unspell } from './spelling';

const documents = new WeakMap<Policy, PolicyDocument>();

/**
 * Asks the simulator, which knows KMS's own rule: identity policies count only where the key policy hands them to the
 * account. Throws where it could not take everything in, since neither answer would mean anything then. Policies go by
 * their place among those of their kind (`0`, `1`, …), so that two of one name stay apart.
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
  // organizations don't bind services that call by themselves
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

/** Of several values for a key that has one, the simulator would take the first and drop the others. */
async function requireSingle({ action, context }: AuthorizationRequest, simulator: Simulator): Promise<void> {
  for (const [key, value] of Object.entries(context)) {
    if (typeof value === 'string') continue;
    const single = await simulator.typeForContextKey(spell(key).toLowerCase()).then(
      (type) => !simulator.isConditionKeyArray(type),
      () => false, // an unknown key is named by the simulation
    );
    if (single) throw new AuthorizationError('RequestInvalid', `${action}: expected one value of ${key}, got a list`);
  }
}

/** The simulator's errors name places in policies, and its own words for what is wrong with a request. */
function problemOf(what: string, errors: { readonly message: string }): ['PolicyInvalid' | 'RequestInvalid', string] {
  if (errors.message !== 'policy.errors') {
    return ['RequestInvalid', `${what}: expected a request that can be evaluated, got ${errors.message}`];
  }
  return ['PolicyInvalid', `${what}: expected policies that can be evaluated, got ${JSON.stringify(errors)}`];
}
