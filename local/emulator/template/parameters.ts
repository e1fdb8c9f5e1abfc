import type { Deployment } from './deployment';
import { fail, type Path } from './errors';
import type { Parameter, Template } from './template';

const STORED = /^AWS::SSM::Parameter::Value<(.+)>$/;
const LIST = /^(?:List<.+>|CommaDelimitedList)$/;

/**
 * Returns the value of a template's parameter: the deployment's value, else the default. Reads a parameter of type
 * `AWS::SSM::Parameter::Value` from Parameter Store. Returns lists as arrays. Throws `TemplateError` if the value is
 * missing or not allowed.
 */
export function parameterValue(template: Template, deployment: Deployment, name: string): string | readonly string[] {
  const path = ['Parameters', name];
  const parameter = template.Parameters[name];
  if (!parameter) return fail(template, path, 'expected a parameter of that name, got none');
  const given = deployment.parameters?.[name] ?? parameter.Default;
  if (given === undefined) return fail(template, path, 'expected a value to be supplied, got none and no default');
  const [, storedType] = STORED.exec(parameter.Type) ?? [];
  if (storedType === undefined) return typed(parameter.Type, allowed(template, path, parameter, given));
  const stored = deployment.stored?.(given);
  if (stored === undefined) return fail(template, path, `expected ${given} in Parameter Store, got none`);
  return typed(storedType, stored);
}

function typed(type: string, value: string): string | readonly string[] {
  if (!LIST.test(type)) return value;
  return value.split(',').map((member) => member.trim());
}

function allowed(template: Template, path: Path, parameter: Parameter, value: string): string {
  const { AllowedValues: values, AllowedPattern: pattern, Type: type } = parameter;
  if (values && !values.includes(value)) return fail(template, path, 'expected one of the allowed values, got another');
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value)) {
    return fail(template, path, 'expected a value that the allowed pattern matches, got another');
  }
  if (type === 'Number' && !/^-?\d+(\.\d+)?$/.test(value)) return fail(template, path, 'expected a number, got a text');
  return value;
}

/** Refuses values for parameters that the template doesn't declare: they would have no effect. */
export function checkSupplied(template: Template, { parameters = {} }: Deployment): void {
  for (const name of Object.keys(parameters)) {
    if (!Object.hasOwn(template.Parameters, name))
      fail(template, ['Parameters'], `expected a parameter ${name}, got none`);
  }
}
