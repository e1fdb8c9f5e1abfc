import { type Deployment, parseTemplate, Resolver, StackTemplate } from '../../../../local/emulator/template';
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
  return StackTemplate.open(environmentFile(environment), { ...DEPLOYMENT, ...deployment });
}
