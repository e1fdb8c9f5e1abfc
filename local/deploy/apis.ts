import { ENV } from '../../lambda/env';
import { type HttpApi, startHttpApi } from '../api-gateway/server';
import type { LambdaEndpoint } from '../lambda/endpoint';
import type { HttpApiPart, RoutePart, Skipped, VaultTemplate } from '../template';
import type { Authority } from './authority';
import { invokeAsService } from './invocations';
import type { PhysicalNames } from './physical';
import type { StackPlace } from './place';

export interface ApisOf {
  readonly template: VaultTemplate;
  readonly place: StackPlace;
  readonly names: PhysicalNames;
  readonly authority: () => Authority;
  /** there is none before the functions are made, and they may need an API's address */
  readonly lambda: () => LambdaEndpoint;
  /** of the first API */
  readonly port: number | undefined;
}

export interface Apis {
  /** of the vault's own route, or of the first there is; undefined without any */
  readonly webhookUrl: string | undefined;
  readonly skipped: readonly Skipped[];
  close(): Promise<void>;
}

/** The template's HTTP APIs, each on a port of its own: exact routes without authorizers, to functions. */
export async function startApis(of: ApisOf): Promise<Apis> {
  const started: HttpApi[] = [];
  const urls: string[] = [];
  const skipped: Skipped[] = [];
  for (const [index, part] of of.template.httpApis().entries()) {
    const routes = part.routes.filter(isServed);
    skipped.push(
      ...part.routes
        .filter((route) => !isServed(route))
        .map(({ logicalId }) => ({ type: 'AWS::ApiGatewayV2::Route', logicalId })),
    );
    const api = await startApi(of, part, routes, index === 0 ? of.port : undefined);
    started.push(api);
    of.names.set(part.logicalId, { ApiEndpoint: api.url });
    urls.push(...ownFirst(routes, of.template).map(({ path = '/' }) => `${api.url}${path}`));
  }
  return {
    webhookUrl: urls[0],
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

/** The routes of a vault's functions come first. */
function ownFirst(routes: readonly RoutePart[], template: VaultTemplate): readonly RoutePart[] {
  const own = new Set(
    template.functions().flatMap(({ logicalId, environment }) => (ENV.environment in environment ? [logicalId] : [])),
  );
  return [...routes].sort(
    (a, b) => Number(own.has(b.integration?.function ?? '')) - Number(own.has(a.integration?.function ?? '')),
  );
}
