import { readFileSync } from 'node:fs';
import { fail, TemplateError } from './errors';
import { read } from './fields';
import { checkReferences } from './references';
import { body, type Template } from './schema';

export type { Parameter, Resource, Template } from './schema';

/** The only accepted macro: it changes no resource. The resolver refuses its intrinsic functions. */
const ACCEPTED_TRANSFORM = 'AWS::LanguageExtensions';

/**
 * Reads a synthesized template. Throws `TemplateError`, with the file and the path, if the file is not JSON, doesn't have
 * a template's schema, or has a dangling reference.
 */
export function readTemplate(file: string): Template {
  return parseTemplate(readJson(file), file);
}

/** Reads a JSON file. Throws `TemplateError`, without the syntax error, since that would quote the file. */
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

/** Reads a template as `readTemplate` does, from parsed JSON; errors name `file`. */
export function parseTemplate(value: unknown, file: string): Template {
  const template = { ...read(body, value, file, []), file };
  const [macro] = [template.Transform].flat().filter((name) => name !== ACCEPTED_TRANSFORM);
  if (macro !== undefined) fail(template, ['Transform'], `expected a template without macros, got ${macro}`);
  checkReferences(template);
  return template;
}
