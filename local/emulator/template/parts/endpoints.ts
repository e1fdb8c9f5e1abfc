import * as v from 'valibot';
import { fail } from '../errors';
import { flag, text, texts } from '../fields';
import { type PolicyDocument, policyDocument } from '../policy-document';
import type { Resources } from '../resources';
import type { FunctionPart } from './functions';

export const ENDPOINT = 'AWS::EC2::VPCEndpoint';

/** A VPC's own way to a service. */
export interface EndpointPart {
  readonly logicalId: string;
  /** `vpce-…`, as `aws:SourceVpce` has it */
  readonly id: string;
  /** the last part of the service's name: `kms` */
  readonly service: string;
  readonly vpcId: string;
  readonly interface: boolean;
  /** whether the service's usual name leads to it, for everyone in the VPC */
  readonly privateDns: boolean;
  /** names that lead to it from within the VPC, whether or not the usual one does */
  readonly hosts: readonly string[];
  /** without one, everything passes */
  readonly policy: PolicyDocument | undefined;
  /** logical ids of the functions whose calls to the service pass it */
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

/** A function of the VPC passes it where the service's usual name leads there, or its own variables do. */
function passes(
  { network, environment }: FunctionPart,
  endpoint: Omit<EndpointPart, 'functions'>,
  subnets: readonly string[],
): boolean {
  // a VPC that nobody here knows is the endpoint's where they share a subnet
  const within =
    network && (network.vpcId ?? (network.subnets.some((id) => subnets.includes(id)) ? endpoint.vpcId : ''));
  if (within !== endpoint.vpcId) return false;
  if (endpoint.privateDns || !endpoint.interface) return true;
  const variable = `AWS_ENDPOINT_URL_${endpoint.service.replaceAll(/[.-]/g, '_').toUpperCase()}`;
  const url = environment[variable] ?? environment[SDK_NAMES[endpoint.service] ?? ''] ?? environment.AWS_ENDPOINT_URL;
  return url !== undefined && endpoint.hosts.some((host) => URL.parse(url)?.hostname === host);
}

/** Where the SDKs' variable is not spelled as the endpoint's service is. */
const SDK_NAMES: Readonly<Record<string, string>> = { secretsmanager: 'AWS_ENDPOINT_URL_SECRETS_MANAGER' };

/** `com.amazonaws.REGION.SERVICE` */
function serviceOf(name: string, logicalId: string, { resolver }: Resources): string {
  const [, service] = /^(?:com|cn\.com|aws)\.[a-z]+\.[a-z0-9-]+\.(.+)$/.exec(name) ?? [];
  const path = ['Resources', logicalId, 'Properties', 'ServiceName'];
  return service ?? fail(resolver.template, path, 'expected com.amazonaws.REGION.SERVICE, got something else');
}

/** Entries read `ZONE:NAME`. */
function hostsOf({ resolver }: Resources, logicalId: string): readonly string[] {
  return [resolver.reference(logicalId, 'DnsEntries')].flat().map((entry) => entry.slice(entry.indexOf(':') + 1));
}
