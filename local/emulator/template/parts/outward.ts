import * as v from 'valibot';
import type { Resources } from '../resources';
import { tryResolve } from '../try-resolve';
import type { FunctionPart } from './functions';
import { SecurityGroups } from './security-groups';
import { withoutRoute } from './subnet-routes';

const ENDPOINT = 'AWS::EC2::VPCEndpoint';
const ZONE = 'AWS::Route53::HostedZone';
const FIREWALL_RULES = 'AWS::NetworkFirewall::RuleGroup';
const FIREWALL = 'AWS::NetworkFirewall::Firewall';

/** A host outside AWS, and its port. */
export interface Destination {
  readonly host: string;
  readonly port: number;
}

/**
 * Returns the reason that a function's network doesn't reach a host outside AWS; undefined if it does. A proxy in the
 * function's variables, and networks that the template lacks, are assumed to lead there.
 */
export function outwardObstacle(
  { logicalId, network, environment }: FunctionPart,
  destination: Destination,
  resources: Resources,
): string | undefined {
  if (network === undefined || environment.HTTPS_PROXY !== undefined) return undefined;
  const { securityGroups, subnets } = network;
  const problem =
    zoneFor(destination.host, resources) === undefined
      ? routeProblem(subnets, securityGroups, destination, resources)
      : linkProblem(securityGroups, destination, resources);
  return problem && `function ${logicalId} has no route to ${destination.host}:${destination.port}: ${problem}`;
}

/** Returns the template's private zone for a host, which leads to an endpoint. */
function zoneFor(host: string, resources: Resources): string | undefined {
  return resources.idsOf(ZONE).find((id) => String(propertyOf(id, 'Name', resources)).replace(/\.$/, '') === host);
}

function linkProblem(own: readonly string[], { port }: Destination, resources: Resources): string | undefined {
  const groups = new SecurityGroups(resources, [port]);
  const endpoints = resources
    .idsOf(ENDPOINT)
    .filter((id) => leadsOutside(propertyOf(id, 'ServiceName', resources)))
    .map((id) => listOf(propertyOf(id, 'SecurityGroupIds', resources)));
  if (endpoints.some((group) => groups.allows(own, 'Egress', group) && groups.allows(group, 'Ingress', own))) {
    return undefined;
  }
  return `expected security groups that allow it to reach an endpoint on port ${port}, got none`;
}

/** Endpoints for AWS's own services lead to nothing else. A name that the template lacks is assumed to be another's. */
function leadsOutside(service: unknown): boolean {
  return typeof service !== 'string' || service.includes('.vpce-svc-');
}

function routeProblem(
  subnets: readonly string[],
  own: readonly string[],
  { host, port }: Destination,
  resources: Resources,
): string | undefined {
  const isolated = withoutRoute(subnets, resources);
  if (isolated.length > 0) return `expected a way out of its subnets (${isolated.join(', ')}), got none`;
  if (own.length > 0 && !new SecurityGroups(resources, [port]).allows(own, 'Egress')) {
    return `expected a security group that allows egress on port ${port}, got none`;
  }
  if (resources.idsOf(FIREWALL).length === 0 || firewallPasses(host, resources)) return undefined;
  return "expected the host in the firewall's list, got others";
}

const ALLOW_LIST = v.object({
  RulesSource: v.object({
    RulesSourceList: v.object({ GeneratedRulesType: v.literal('ALLOWLIST'), Targets: v.array(v.string()) }),
  }),
});

/** Returns whether a list of the firewall passes a host. Rules of another form, and those of other stacks, are assumed to. */
function firewallPasses(host: string, resources: Resources): boolean {
  const groups = resources.idsOf(FIREWALL_RULES).map((id) => propertyOf(id, 'RuleGroup', resources));
  return (
    groups.length === 0 ||
    groups.some((group) => {
      const read = v.safeParse(ALLOW_LIST, group);
      if (!read.success) return true;
      const { Targets } = read.output.RulesSource.RulesSourceList;
      return Targets.some((target) => (target.startsWith('.') ? `.${host}`.endsWith(target) : target === host));
    })
  );
}

function listOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function propertyOf(id: string, name: string, { resolver }: Resources): unknown {
  return tryResolve(() => resolver.property(id, name));
}
