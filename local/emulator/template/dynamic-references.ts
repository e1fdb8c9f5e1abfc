import { fail, type Path } from './errors';
import type { Template } from './schema';

/** The template, and the values of Parameter Store. */
interface Context {
  readonly template: Template;
  stored(name: string): string | undefined;
}

const DYNAMIC = /\{\{resolve:([a-z-]+):([^}]*)\}\}/g;

/**
 * Replaces each `{{resolve:ssm:NAME}}` by the parameter's value, also those that an intrinsic function produced. Throws
 * `TemplateError` if the parameter is missing, and on every service other than `ssm`: the values of those are secrets.
 */
export function resolveDynamicReferences(value: unknown, path: Path, context: Context): unknown {
  if (typeof value === 'string') return replace(value, path, context);
  if (Array.isArray(value)) {
    return value.map((member, index) => resolveDynamicReferences(member, [...path, index], context));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, resolveDynamicReferences(member, [...path, name], context)]),
  );
}

function replace(text: string, path: Path, context: Context): string {
  if (!text.includes('{{resolve:')) return text;
  return text.replaceAll(DYNAMIC, (_, service: string, reference: string) => {
    if (service !== 'ssm') {
      return fail(context.template, path, `expected a dynamic reference to ssm, got one to ${service}`);
    }
    // a version may follow the name; names contain no colon
    const [name = ''] = reference.split(':');
    return context.stored(name) ?? fail(context.template, path, `expected ${name} in Parameter Store, got none`);
  });
}
