import * as v from 'valibot';
import { decimal, dictionary, text, wholeNumber } from '../fields';
import type { Resources } from '../resources';
import { type FunctionTarget, targetOf } from './functions';

export const API = 'AWS::ApiGatewayV2::Api';
export const ROUTE = 'AWS::ApiGatewayV2::Route';
export const INTEGRATION = 'AWS::ApiGatewayV2::Integration';
export const STAGE = 'AWS::ApiGatewayV2::Stage';

/** An HTTP API. */
export interface HttpApiPart {
  readonly logicalId: string;
  readonly id: string;
  readonly name: string | undefined;
  /** `HTTP` or `WEBSOCKET` */
  readonly protocol: string;
  readonly endpoint: string;
  readonly routes: readonly RoutePart[];
  readonly stages: readonly StagePart[];
}

export interface RoutePart {
  readonly logicalId: string;
  /** `POST`, `ANY`; undefined for `$default` */
  readonly method: string | undefined;
  /** `/webhooks/dynamic`; undefined for `$default` */
  readonly path: string | undefined;
  /** `NONE`, `AWS_IAM`, … */
  readonly authorization: string;
  /** undefined if its target is not an integration of the template */
  readonly integration: IntegrationPart | undefined;
}

/** The backend of a route. */
export interface IntegrationPart extends FunctionTarget {
  readonly logicalId: string;
  /** `AWS_PROXY`, … */
  readonly type: string;
  /** `1.0` or `2.0` */
  readonly payloadFormat: string;
  readonly timeoutMs: number;
}

export interface StagePart {
  readonly logicalId: string;
  /** `$default` adds no prefix to paths */
  readonly name: string;
  readonly throttle: Throttle;
  /** by route key, for routes with their own limits */
  readonly routeThrottles: Readonly<Record<string, Throttle>>;
}

/** The limits of a stage or route; undefined means the account's limit. */
export interface Throttle {
  /** burst limit, in requests */
  readonly burst: number | undefined;
  /** requests per second */
  readonly rate: number | undefined;
}

export function readHttpApis(resources: Resources): readonly HttpApiPart[] {
  const fields = { Name: v.optional(text), ProtocolType: v.optional(text, 'HTTP') };
  const integrations = readIntegrations(resources);
  return resources.of(API, fields).map(({ logicalId, properties }) => {
    const id = resources.resolver.name(logicalId);
    return {
      logicalId,
      id,
      name: properties.Name,
      protocol: properties.ProtocolType,
      endpoint: resources.resolver.name(logicalId, 'ApiEndpoint'),
      routes: readRoutes(resources, id, integrations),
      stages: readStages(resources, id),
    };
  });
}

const INTEGRATION_FIELDS = {
  ApiId: text,
  IntegrationType: text,
  IntegrationUri: v.optional(text, ''),
  PayloadFormatVersion: v.optional(text, '1.0'),
  TimeoutInMillis: v.optional(wholeNumber, 30_000),
};

/** Reads the integrations, by the id that routes refer to. */
function readIntegrations(resources: Resources): ReadonlyMap<string, IntegrationPart> {
  return new Map(
    resources.of(INTEGRATION, INTEGRATION_FIELDS).map(({ logicalId, properties }) => [
      resources.resolver.name(logicalId),
      {
        logicalId,
        type: properties.IntegrationType,
        payloadFormat: properties.PayloadFormatVersion,
        timeoutMs: properties.TimeoutInMillis,
        ...targetOf(invokedFunction(properties.IntegrationUri), resources),
      },
    ]),
  );
}

const INVOCATION = /^arn:aws[a-z-]*:apigateway:[^:]*:lambda:path\/2015-03-31\/functions\/(?<function>.+)\/invocations$/;

/** Returns the function's ARN of an API Gateway invocation URI; returns other URIs, such as a function's ARN, unchanged. */
function invokedFunction(uri: string): string {
  return INVOCATION.exec(uri)?.groups?.function ?? uri;
}

const ROUTE_FIELDS = {
  ApiId: text,
  RouteKey: text,
  Target: v.optional(text, ''),
  AuthorizationType: v.optional(text, 'NONE'),
};

function readRoutes(
  resources: Resources,
  api: string,
  integrations: ReadonlyMap<string, IntegrationPart>,
): readonly RoutePart[] {
  return resources
    .of(ROUTE, ROUTE_FIELDS)
    .filter(({ properties }) => properties.ApiId === api)
    .map(({ logicalId, properties }) => {
      const [, method, path] = /^([A-Z]+) (\/.*)$/.exec(properties.RouteKey) ?? [];
      return {
        logicalId,
        method,
        path,
        authorization: properties.AuthorizationType,
        integration: integrations.get(properties.Target.replace(/^integrations\//, '')),
      };
    });
}

const throttle = v.pipe(
  v.object({ ThrottlingBurstLimit: v.optional(wholeNumber), ThrottlingRateLimit: v.optional(decimal) }),
  v.transform(({ ThrottlingBurstLimit: burst, ThrottlingRateLimit: rate }): Throttle => ({ burst, rate })),
);

const STAGE_FIELDS = {
  ApiId: text,
  StageName: text,
  DefaultRouteSettings: v.optional(throttle),
  RouteSettings: v.optional(dictionary(throttle), {}),
};

function readStages(resources: Resources, api: string): readonly StagePart[] {
  return resources
    .of(STAGE, STAGE_FIELDS)
    .filter(({ properties }) => properties.ApiId === api)
    .map(({ logicalId, properties }) => ({
      logicalId,
      name: properties.StageName,
      throttle: properties.DefaultRouteSettings ?? { burst: undefined, rate: undefined },
      routeThrottles: properties.RouteSettings,
    }));
}
