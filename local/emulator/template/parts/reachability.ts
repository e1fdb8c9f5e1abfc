import { tryResolve } from '../try-resolve';
import type { Resources } from '../resources';
import { listOf } from '../policy-document';
import { databaseObstacle } from './database-route';
import type { EndpointPart } from './endpoints';
import type { FunctionPart } from './functions';
import type { Network } from './network';
import type { RolePart } from './roles';
import { SecurityGroups } from './security-groups';
import { withoutRoute } from './subnet-routes';

/** Emulated services that a function's code calls through its network. */
const SERVICES = ['kms', 'lambda', 'secretsmanager', 'ssm', 'sts'] as const;

/** A service, or a database (`rds-db`), that a function's role may call, but its network doesn't reach. */
export interface UnreachableService {
  /** the function's logical id */
  readonly logicalId: string;
  readonly service: string;
  readonly obstacle: string;
}

/** Evaluates if a template's functions reach AWS services. Unknown resources are assumed to be no obstacle. */
export class Reachability {
  readonly #obstacles: ReadonlyMap<string, string>;
  readonly #unreachable: readonly UnreachableService[];

  constructor(
    resources: Resources,
    parts: {
      readonly functions: readonly FunctionPart[];
      readonly endpoints: readonly EndpointPart[];
      readonly roles: readonly RolePart[];
    },
  ) {
    const { functions, endpoints, roles } = parts;
    const services = functions.flatMap((part) =>
      SERVICES.flatMap((service) => {
        const ofService = endpoints.filter((endpoint) => endpoint.service === service && endpoint.interface);
        const obstacle = obstacleOf(part, service, ofService, resources);
        return obstacle === undefined ? [] : [{ part, service, obstacle }];
      }),
    );
    const logins = functions.flatMap((part) => {
      const obstacle = databaseObstacle(part, resources);
      return obstacle === undefined ? [] : [{ part, service: 'rds-db', obstacle }];
    });
    const all = [...services, ...logins];
    this.#obstacles = new Map(all.map(({ part, service, obstacle }) => [`${part.arn} ${service}`, obstacle]));
    this.#unreachable = all
      .filter(({ part, service }) => mayCall(service, roles, part.logicalId))
      .map(({ part: { logicalId }, service, obstacle }) => ({ logicalId, service, obstacle }));
  }

  /** Returns the reason that a function can't reach a service; undefined if it can. */
  obstacle(functionArn: string, service: string): string | undefined {
    return this.#obstacles.get(`${functionArn} ${service}`);
  }

  /** Returns the services that roles allow functions to call, but their networks don't reach. */
  unreachable(): readonly UnreachableService[] {
    return this.#unreachable;
  }
}

function obstacleOf(
  { logicalId, network }: FunctionPart,
  service: string,
  endpoints: readonly EndpointPart[],
  resources: Resources,
): string | undefined {
  if (network === undefined) return undefined;
  const groups = new SecurityGroups(resources);
  const [passed] = endpoints.filter(({ functions }) => functions.includes(logicalId));
  const problem = passed
    ? endpointProblem(logicalId, network, passed, groups, resources)
    : routeProblem(service, network, endpoints, groups, resources);
  return problem && `function ${logicalId} has no route to ${service}: ${problem}`;
}

function endpointProblem(
  fn: string,
  { securityGroups }: Network,
  { logicalId }: EndpointPart,
  groups: SecurityGroups,
  { resolver }: Resources,
): string | undefined {
  const given = tryResolve(() => resolver.property(logicalId, 'SecurityGroupIds'));
  const endpointGroups = Array.isArray(given) ? given.map(String) : [];
  const passes =
    groups.allows(securityGroups, 'Egress', endpointGroups) && groups.allows(endpointGroups, 'Ingress', securityGroups);
  if (given === undefined || passes) return undefined;
  return `expected security groups that allow function ${fn} to reach endpoint ${logicalId} on port 443, got none`;
}

function routeProblem(
  service: string,
  { subnets, securityGroups, vpcId }: Network,
  endpoints: readonly EndpointPart[],
  groups: SecurityGroups,
  resources: Resources,
): string | undefined {
  const isolated = withoutRoute(subnets, resources);
  if (isolated.length === 0) {
    const allowed = securityGroups.length === 0 || groups.allows(securityGroups, 'Egress');
    return allowed ? undefined : 'expected a security group that allows egress on port 443, got none';
  }
  const [withoutDns] = endpoints.filter((endpoint) => endpoint.vpcId === vpcId);
  if (withoutDns !== undefined) {
    const variable = `AWS_ENDPOINT_URL_${service === 'secretsmanager' ? 'SECRETS_MANAGER' : service.toUpperCase()}`;
    return `expected ${variable} with the address of endpoint ${withoutDns.logicalId}, which has no private DNS name, got none`;
  }
  return `expected a NAT gateway for its subnets (${isolated.join(', ')}), or an endpoint for ${service} in their VPC, got neither`;
}

/** Returns whether a function's role allows an action of a service. */
function mayCall(service: string, roles: readonly RolePart[], fn: string): boolean {
  return roles
    .filter(({ functions }) => functions.includes(fn))
    .flatMap(({ policies }) => policies)
    .flatMap(({ document }) => document.Statement)
    .filter(({ Effect }) => Effect === 'Allow')
    .some(({ Action }) => listOf(Action).some((action) => action.startsWith(`${service}:`)));
}
