import { readFileSync } from 'node:fs';
import { fail, TemplateError } from './errors';
import { read } from './fields';
import { checkReferences } from './references';
import { body, type Template } from './schema';

export type { Parameter, Resource, Template } from './schema';

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
