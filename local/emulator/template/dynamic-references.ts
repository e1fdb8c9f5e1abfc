import { fail, type Path } from './errors';
import type { Deployment } from './deployment';
import type { Template } from './schema';

/** The template, and the deployment that knows the values of Parameter Store. */
interface Stored {
  readonly template: Template;
  readonly deployment: Deployment;
}

const DYNAMIC = /\{\{resolve:([a-z-]+):([^}]*)\}\}/g;

/**
 * Replaces each `{{resolve:ssm:NAME}}` by the parameter's value, also those that an intrinsic function produced. Throws
 * `TemplateError` if the parameter is missing, and on every service other than `ssm`: the values of those are secrets.
 */
export function withoutDynamicReferences(value: unknown, path: Path, stored: Stored): unknown {
  if (typeof value === 'string') return replace(value, path, stored);
  if (Array.isArray(value)) {
    return value.map((member, index) => withoutDynamicReferences(member, [...path, index], stored));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, withoutDynamicReferences(member, [...path, name], stored)]),
  );
}

function replace(text: string, path: Path, { template, deployment }: Stored): string {
  if (!text.includes('{{resolve:')) return text;
  return text.replaceAll(DYNAMIC, (_, service: string, reference: string) => {
    if (service !== 'ssm') {
      return fail(template, path, `expected a dynamic reference to ssm, got one to ${service}`);
    }
    // a version may follow the name; names contain no colon
    const [name = ''] = reference.split(':');
    return deployment.stored?.(name) ?? fail(template, path, `expected ${name} in Parameter Store, got none`);
  });
}
