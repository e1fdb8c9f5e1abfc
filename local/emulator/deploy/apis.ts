import { type HttpApi, startHttpApi } from '../services/http-api/server';
import type { LambdaEndpoint } from '../services/functions/endpoint';
import type { HttpApiPart, RoutePart, Skipped, StackTemplate } from '../template';
import type { Authority } from './authority';
import { invokeAsService } from './invocations';
import type { Application } from './contract';
import type { PhysicalNames } from './physical';
import type { StackPlace } from './place';

export interface ApisOf {
  readonly template: StackTemplate;
  readonly place: StackPlace;
  readonly names: PhysicalNames;
  readonly authority: () => Authority;
  /** there is none before the functions are made, and they may need an API's address */
  readonly lambda: () => LambdaEndpoint;
  /** of the API that invokes the webhook's function, else of the first */
  readonly port: number | undefined;
  readonly isWebhook: Application['isWebhook'];
}

export interface Apis {
  /** of the webhook's route, else of the first; undefined if the template has none */
  readonly webhookUrl: string | undefined;
  readonly skipped: readonly Skipped[];
  close(): Promise<void>;
}

/** The template's HTTP APIs, each on a port of its own: exact routes without authorizers, to functions. */
export async function startApis(of: ApisOf): Promise<Apis> {
  const started: HttpApi[] = [];
  const urls: { readonly url: string; readonly own: boolean }[] = [];
  const skipped: Skipped[] = [];
  const parts = of.template.httpApis();
  const named = parts.find(({ routes }) => routes.some((route) => isWebhook(route, of))) ?? parts[0];
  for (const part of parts) {
    const routes = part.routes.filter(isServed);
    skipped.push(
      ...part.routes
        .filter((route) => !isServed(route))
        .map(({ logicalId }) => ({ type: 'AWS::ApiGatewayV2::Route', logicalId })),
    );
    const api = await startApi(of, part, routes, part.logicalId === named?.logicalId ? of.port : undefined);
    started.push(api);
    of.names.set(part.logicalId, { ApiEndpoint: api.url });
    urls.push(...routes.map((route) => ({ url: `${api.url}${route.path ?? '/'}`, own: isWebhook(route, of) })));
  }
  return {
    webhookUrl: (urls.find(({ own }) => own) ?? urls[0])?.url,
    skipped,
    close: async () => {
      await Promise.all(started.map((api) => api.close()));
    },
  };
}

function isServed({ method, path, authorization, integration }: RoutePart): boolean {
  const exact = method !== undefined && method !== 'ANY' && path?.includes('{') === false;
  return (
    exact && authorization === 'NONE' && integration?.function !== undefined && integration.payloadFormat === '2.0'
  );
}

function startApi(
  of: ApisOf,
  part: HttpApiPart,
  routes: readonly RoutePart[],
  port: number | undefined,
): Promise<HttpApi> {
  const { place } = of;
  const targets = new Map(
    routes.map(({ method = '', path = '', integration }) => {
      const functionName =
        of.template.functions().find(({ logicalId }) => logicalId === integration?.function)?.name ?? '';
      return [`${method} ${path}`, { functionName, alias: integration?.qualifier ?? '$LATEST' }] as const;
    }),
  );
  const invoke: LambdaEndpoint['invoke'] = (name, event, qualifier) => {
    const routeKey = routeOf(event);
    const sourceArn = `arn:aws:execute-api:${place.region}:${place.account}:${part.id}/$default/${routeKey}`;
    return invokeAsService(of.lambda(), of.authority(), place, {
      service: 'apigateway',
      sourceArn,
      name,
      qualifier,
      event,
    });
  };
  return startHttpApi({ lambda: { invoke }, routes: targets, accountId: place.account, port });
}

/** `POST/webhooks/dynamic`, as the source's ARN has it. */
function routeOf(event: string): string {
  const { routeKey } = JSON.parse(event) as { readonly routeKey: string };
  return routeKey.replace(' ', '');
}

function isWebhook({ integration }: RoutePart, of: ApisOf): boolean {
  const target = of.template.functions().find(({ logicalId }) => logicalId === integration?.function);
  return target !== undefined && of.isWebhook?.(target) === true;
}
