import {
  Assets,
  type AssemblyStack,
  type Deployment,
  link,
  manifestsBeside,
  parseTemplate,
  Resolver,
  StackTemplate,
} from '../../../../local/emulator/template';
import { type Environment, environmentFile } from '../../../support/environment-template';

export const DEPLOYMENT: Deployment = { stack: 'Mine', account: '111111111111', region: 'eu-central-1' };

/** Creates a resolver of a test's template. */
export function resolverOf(
  sections: Readonly<Record<string, unknown>>,
  deployment: Partial<Deployment> = {},
): Resolver {
  const template = parseTemplate({ Resources: {}, ...sections }, 'mine.template.json');
  return new Resolver(template, { ...DEPLOYMENT, ...deployment });
}

/** Resolves a value as a property of the resource `It`, added to the resources. */
export function resolved(
  value: unknown,
  sections: { readonly Resources?: object; readonly [section: string]: unknown } = {},
  deployment: Partial<Deployment> = {},
): unknown {
  const Resources = { ...sections.Resources, It: { Type: 'My::Own::Type', Properties: { Value: value } } };
  return resolverOf({ ...sections, Resources }, deployment).property('It', 'Value');
}

/** Reads a template with a test's resources. */
export function templateOf(
  Resources: Readonly<Record<string, unknown>>,
  deployment: Partial<Deployment> = {},
): StackTemplate {
  return new StackTemplate(parseTemplate({ Resources }, 'mine.template.json'), { ...DEPLOYMENT, ...deployment });
}

export function environmentVault(environment: Environment, deployment: Partial<Deployment> = {}): StackTemplate {
  return openTemplate(environmentFile(environment), deployment);
}

/** Links a template with its nested stacks. */
export function openTemplate(file: string, changes: Partial<Deployment> = {}): StackTemplate {
  const deployment = { ...DEPLOYMENT, ...changes };
  const main = assemblyStack(file, { name: deployment.stack });
  const assets = new Assets({ manifests: manifestsBeside(file) });
  const linked = link({ file, deployment, assets, main, stacks: [main], assembly: [], parameters: {} });
  return new StackTemplate(parseTemplate(linked.sections, file), linked.deployment, assets);
}

/** A stack as a manifest lists it. */
export function assemblyStack(file: string, changes: Partial<AssemblyStack> = {}): AssemblyStack {
  const empty = { dependencies: [], parameterAssets: [], errors: [] };
  return { ...empty, name: 'Mine', id: 'Mine', file, account: undefined, region: undefined, ...changes };
}

/** Returns the resources of an HTTP API with one route to a function. Their logical ids begin with `prefix`. */
export function httpApi(prefix: string, name: string, RouteKey: string, IntegrationUri: unknown): object {
  const ApiId = { Ref: `${prefix}Api` };
  return {
    [`${prefix}Api`]: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: name, ProtocolType: 'HTTP' } },
    [`${prefix}Integration`]: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: { ApiId, IntegrationType: 'AWS_PROXY', IntegrationUri, PayloadFormatVersion: '2.0' },
    },
    [`${prefix}Route`]: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId,
        RouteKey,
        Target: { 'Fn::Join': ['', ['integrations/', { Ref: `${prefix}Integration` }]] },
      },
    },
  };
}
