import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { fail, TemplateError } from './errors';
import { dictionary, flag, read, text } from './fields';
import { checkReferences } from './references';

const resource = v.object({
  Type: v.string(),
  Condition: v.optional(v.string()),
  DependsOn: v.optional(v.union([v.string(), v.array(v.string())])),
  Properties: v.optional(dictionary(v.unknown()), {}),
  Metadata: v.optional(dictionary(v.unknown()), {}),
});

const parameter = v.object({
  Type: v.string(),
  Default: v.optional(text),
  AllowedValues: v.optional(v.array(text)),
  AllowedPattern: v.optional(v.string()),
  NoEcho: v.optional(flag, false),
});

const output = v.object({
  Value: v.unknown(),
  Condition: v.optional(v.string()),
  Export: v.optional(v.object({ Name: v.unknown() })),
});

const mapping = dictionary(dictionary(v.unknown()));

const body = v.object({
  Resources: dictionary(resource),
  Parameters: v.optional(dictionary(parameter), {}),
  Conditions: v.optional(dictionary(v.unknown()), {}),
  Mappings: v.optional(dictionary(mapping), {}),
  Outputs: v.optional(dictionary(output), {}),
  Transform: v.optional(v.union([v.string(), v.array(v.string())]), []),
});

export type Resource = v.InferOutput<typeof resource>;
export type Parameter = v.InferOutput<typeof parameter>;

/** A CloudFormation template whose shape was checked; its intrinsics are untouched. */
export interface Template extends Readonly<v.InferOutput<typeof body>> {
  /** where it was read, as errors name it */
  readonly file: string;
}

/** The one macro that changes no resource by itself; intrinsics that it adds are refused where they stand. */
const HARMLESS_TRANSFORM = 'AWS::LanguageExtensions';

/**
 * Reads a synthesized template. Throws `TemplateError` that names the file and the path where it is no JSON, has not
 * the shape of a template, or refers to something that it doesn't hold.
 */
export function readTemplate(file: string): Template {
  return parseTemplate(readJson(file), file);
}

/** Reads a JSON file. Throws `TemplateError`; a syntax error is not quoted, since it would quote the file. */
export function readJson(file: string): unknown {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new TemplateError(`${file}: expected a file that can be read, got none`, { cause: error });
  }
  try {
    return JSON.parse(content);
  } catch {
    throw new TemplateError(`${file}: expected JSON, as \`cdk synth\` writes it, got something else`);
  }
}

/** As `readTemplate`, from what was parsed already; `file` names it in errors. */
export function parseTemplate(value: unknown, file: string): Template {
  const template = { ...read(body, value, file, []), file };
  const [macro] = [template.Transform].flat().filter((name) => name !== HARMLESS_TRANSFORM);
  if (macro !== undefined) fail(template, ['Transform'], `expected a template without macros, got ${macro}`);
  checkReferences(template);
  return template;
}
