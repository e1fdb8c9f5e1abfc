import { join } from 'node:path';
import type { JsonSchema } from '@valibot/to-json-schema';
import { CATALOGUE, REPLACEMENTS } from './catalogue';
import { convert } from './convert';

export const SCHEMA_FOLDER = join(__dirname, '..', '..', 'docs', 'schemas');

/** Returns the contents of docs/schemas by the files' names. */
export function schemaFiles(): Readonly<Record<string, JsonSchema>> {
  const files = Object.entries(CATALOGUE).map(([name, { schema, title }]) => {
    const { $schema, ...rest } = convert(schema, REPLACEMENTS);
    return [`${name}.schema.json`, { $schema, $id: `urn:share-vault:${name}`, title, ...rest }] as const;
  });
  return Object.fromEntries(files);
}
