import * as v from 'valibot';
import { fail } from '../errors';
import { flag, text, texts } from '../fields';
import { type PolicyDocument, policyDocument } from '../policy-document';
import type { Resources } from '../resources';
import type { FunctionPart } from './functions';

export const ENDPOINT = 'AWS::EC2::VPCEndpoint';

/** A VPC endpoint. */
export interface EndpointPart {
  readonly logicalId: string;
  /** `vpce-…`, the value of `aws:SourceVpce` */
  readonly id: string;
  /** the last part of the service's name: `kms` */
  readonly service: string;
  readonly vpcId: string;
  readonly interface: boolean;
  /** whether the service's public host name resolves to the endpoint within the VPC */
  readonly privateDns: boolean;
  /** the endpoint's own host names; they resolve with or without private DNS */
  readonly hosts: readonly string[];
  /** undefined if the endpoint allows every request */
  readonly policy: PolicyDocument | undefined;
  /** logical ids of the functions that call the service through the endpoint */
  readonly functions: readonly string[];
}

const FIELDS = {
  ServiceName: text,
  VpcId: text,
  VpcEndpointType: v.optional(text, 'Gateway'),
  PrivateDnsEnabled: v.optional(flag, false),
  PolicyDocument: v.optional(policyDocument),
  SubnetIds: v.optional(texts, []),
};

export function readEndpoints(resources: Resources, functions: readonly FunctionPart[]): readonly EndpointPart[] {
  return resources.of(ENDPOINT, FIELDS).map(({ logicalId, properties }) => {
    const isInterface = properties.VpcEndpointType === 'Interface';
    const endpoint = {
      logicalId,
      id: resources.resolver.name(logicalId),
      service: serviceOf(properties.ServiceName, logicalId, resources),
      vpcId: properties.VpcId,
      interface: isInterface,
      privateDns: properties.PrivateDnsEnabled,
      hosts: isInterface ? hostsOf(resources, logicalId) : [],
      policy: properties.PolicyDocument,
    };
    return {
      ...endpoint,
      functions: functions.filter((fn) => passes(fn, endpoint, properties.SubnetIds)).map((fn) => fn.logicalId),
    };
  });
}

/** Returns whether a function of the VPC calls through a gateway, by private DNS, or by its own variables. */
function passes(
  { network, environment }: FunctionPart,
  endpoint: Omit<EndpointPart, 'functions'>,
  subnets: readonly string[],
): boolean {
  // a function in an unknown VPC is in the endpoint's VPC if they share a subnet
  const within =
    network && (network.vpcId ?? (network.subnets.some((id) => subnets.includes(id)) ? endpoint.vpcId : ''));
  if (within !== endpoint.vpcId) return false;
  if (endpoint.privateDns || !endpoint.interface) return true;
  const variable = `AWS_ENDPOINT_URL_${endpoint.service.replaceAll(/[.-]/g, '_').toUpperCase()}`;
  const url = environment[variable] ?? environment[SDK_NAMES[endpoint.service] ?? ''] ?? environment.AWS_ENDPOINT_URL;
  const called = url === undefined ? '' : (URL.parse(url)?.hostname ?? '');
  return endpoint.hosts.some((host) => (host.startsWith('*.') ? called.endsWith(host.slice(1)) : called === host));
}

/** The SDKs' variables that are not derived from the endpoint's service name. */
const SDK_NAMES: Readonly<Record<string, string>> = { secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER' };

/** Returns `SERVICE` of `com.amazonaws.REGION.SERVICE`. Throws `TemplateError` on other names. */
function serviceOf(name: string, logicalId: string, { resolver }: Resources): string {
  const [, service] = /^(?:com|cn\.com|aws)\.[a-z]+\.[a-z0-9-]+\.(.+)$/.exec(name) ?? [];
  const path = ['Resources', logicalId, 'Properties', 'ServiceName'];
  return service ?? fail(resolver.template, path, 'expected com.amazonaws.REGION.SERVICE, got something else');
}

/** Returns the host names of DNS entries `ZONE:NAME`. */
function hostsOf({ resolver }: Resources, logicalId: string): readonly string[] {
  return [resolver.reference(logicalId, 'DnsEntries')].flat().map((entry) => entry.slice(entry.indexOf(':') + 1));
}
