import { attachHttpApi } from '../services/http-api/server';
import type { LambdaEndpoint } from '../services/functions/endpoint';
import { type BoundPort, bindPort } from '../services/port';
import type { FunctionPart, HttpApiPart, RoutePart, Skipped, StackTemplate } from '../template';
import type { Gate } from './gate';
import { invokeAsService } from './invocations';
import type { StackPlace } from './place';
import type { Site } from './site';

/** The template's HTTP APIs, each on its own port. Only exact routes to functions without authorizers are served. */
export interface BoundApis {
  /** the URL of the webhook's route, or of the first route; undefined if the template has no routes */
  readonly webhookUrl: string | undefined;
  readonly skipped: readonly Skipped[];
  /** Starts to forward requests to the routes' functions. */
  attach(lambda: LambdaEndpoint, gate: Gate): void;
  close(): Promise<void>;
}

interface BoundApi {
  readonly port: BoundPort;
  readonly part: HttpApiPart;
  /** the routes that are served */
  readonly routes: readonly RoutePart[];
}

/** Binds a port for each API of the template and records its URL as the API's `ApiEndpoint`. */
export async function bindApis({ template, place, names, closers, options }: Site): Promise<BoundApis> {
  const isWebhook = (route: RoutePart): boolean => {
    const target = functionOf(route, template);
    return target !== undefined && options.isWebhook?.(target) === true;
  };
  const parts = template.httpApis();
  const main = parts.find(({ routes }) => routes.some(isWebhook)) ?? parts[0];
  const bound: BoundApi[] = [];
  for (const part of parts) {
    const port = await bindPort(part.logicalId === main?.logicalId ? options.webhookPort : undefined);
    closers.push(() => port.close());
    names.set(part.logicalId, { ApiEndpoint: port.url });
    bound.push({ port, part, routes: part.routes.filter(isServed) });
  }
  const served = bound.flatMap(({ port, routes }) => routes.map((route) => ({ url: port.url, route })));
  const { url, route } = served.find((each) => isWebhook(each.route)) ?? served[0] ?? {};
  return {
    webhookUrl: url === undefined ? undefined : `${url}${route?.path ?? '/'}`,
    skipped: parts.flatMap(({ routes }) => routes.filter((each) => !isServed(each)).map(skippedRoute)),
    close: async () => {
      await Promise.all(bound.map(({ port }) => port.close()));
    },
    attach: (lambda, gate) => {
      for (const api of bound) attachApi(api, template, place, invoker(api.part, place, lambda, gate));
    },
  };
}

function skippedRoute({ logicalId }: RoutePart): Skipped {
  return { type: 'AWS::ApiGatewayV2::Route', logicalId };
}

function functionOf({ integration }: RoutePart, template: StackTemplate): FunctionPart | undefined {
  return template.functions().find(({ logicalId }) => logicalId === integration?.function);
}

function isServed({ method, path, authorization, integration }: RoutePart): boolean {
  const exact = method !== undefined && method !== 'ANY' && path?.includes('{') === false;
  return (
    exact && authorization === 'NONE' && integration?.function !== undefined && integration.payloadFormat === '2.0'
  );
}

function attachApi(
  { port, routes }: BoundApi,
  template: StackTemplate,
  { account: accountId }: StackPlace,
  invoke: LambdaEndpoint['invoke'],
): void {
  const targets = routes.map((route) => {
    const { method = '', path = '', integration } = route;
    const functionName = functionOf(route, template)?.name ?? '';
    return [`${method} ${path}`, { functionName, alias: integration?.qualifier ?? '$LATEST' }] as const;
  });
  attachHttpApi(port, { lambda: { invoke }, routes: new Map(targets), accountId });
}

function invoker(
  { id }: HttpApiPart,
  { region, account }: StackPlace,
  lambda: LambdaEndpoint,
  gate: Gate,
): LambdaEndpoint['invoke'] {
  return (name, event, qualifier) => {
    const sourceArn = `arn:aws:execute-api:${region}:${account}:${id}/$default/${routeOf(event)}`;
    return invokeAsService(lambda, gate, account, { service: 'apigateway', sourceArn, name, qualifier, event });
  };
}

/** Returns the route in the format of the source ARN: `POST/webhooks/dynamic`. */
function routeOf(event: string): string {
  const { routeKey } = JSON.parse(event) as { readonly routeKey: string };
  return routeKey.replace(' ', '');
}
