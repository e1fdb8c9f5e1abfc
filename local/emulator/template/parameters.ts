import { fail, type Path } from './errors';
import type { Parameter, Template } from './template';

const STORED = /^AWS::SSM::Parameter::Value<(.+)>$/;
const LIST = /^(?:List<.+>|CommaDelimitedList)$/;

/** Returns whether the value of a parameter of this type is in Parameter Store. */
export function isStored(type: string): boolean {
  return STORED.test(type);
}

/** Resolves values for parameters. */
export interface ParameterSource {
  readonly template: Template;
  resolve(value: unknown, path: Path): unknown;
  /** returns the value of a parameter in Parameter Store; undefined if it is missing */
  stored(name: string): string | undefined;
}

/**
 * Returns the value that a parameter has in the template: the given value, else the default. For the types
 * `AWS::SSM::Parameter::Value`, this is a name in Parameter Store. Throws `TemplateError` if the value is missing.
 */
export function givenValue(source: ParameterSource, name: string): string {
  const { template } = source;
  const path = ['Parameters', name];
  const parameter = template.Parameters[name];
  if (!parameter) return fail(template, path, 'expected a parameter of that name, got none');
  const given = parameter.Given === undefined ? parameter.Default : source.resolve(parameter.Given, [...path, 'Given']);
  const [text = given] = Array.isArray(given) ? [given.join(',')] : [];
  if (typeof text === 'number' || typeof text === 'boolean') return String(text);
  return typeof text === 'string'
    ? text
    : fail(template, path, 'expected a value to be supplied, got none and no default');
}

/**
 * Returns the value of a template's parameter. Reads a parameter of type `AWS::SSM::Parameter::Value` from Parameter
 * Store. Returns lists as arrays. Throws `TemplateError` if the value is missing or not allowed.
 */
export function parameterValue(source: ParameterSource, name: string): string | readonly string[] {
  const { template } = source;
  const given = givenValue(source, name);
  const { [name]: parameter } = template.Parameters;
  const path = ['Parameters', name];
  if (parameter === undefined) return given;
  const [, storedType] = STORED.exec(parameter.Type) ?? [];
  if (storedType === undefined) return typed(parameter.Type, allowed(template, path, parameter, given));
  const stored = source.stored(given);
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
