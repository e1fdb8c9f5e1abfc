import { type ConversionConfig, type JsonSchema, toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { isLoosened, portablePattern } from './pattern';

/** Schemas in place of others that JSON Schema can't express. */
export type Replacements = ReadonlyMap<v.GenericSchema, v.GenericSchema>;

/** Of a value that code checks too. */
const BEYOND = 'the description has a rule of which this schema can express only a part';

/** Converts a schema of the contract to JSON Schema, draft 2020-12. It describes the sent value, before any transformation. */
export function convert(schema: v.GenericSchema, replacements: Replacements = new Map()): JsonSchema {
  const config: ConversionConfig = {
    target: 'draft-2020-12',
    typeMode: 'input',
    overrideAction: ({ jsonSchema, valibotAction }) => actionOverride(jsonSchema, valibotAction),
    overrideSchema: ({ valibotSchema }) => {
      const replacement = replacements.get(valibotSchema);
      return replacement === undefined ? undefined : withoutDraft(convert(replacement, replacements));
    },
  };
  return toJsonSchema(schema, config);
}

interface Action {
  readonly type: string;
  readonly message?: unknown;
  readonly requirement?: unknown;
}

function actionOverride(jsonSchema: JsonSchema, action: Action): JsonSchema | undefined {
  const { type, requirement, message } = action;
  const described = typeof message === 'string' ? { ...jsonSchema, description: message } : jsonSchema;
  if (type === 'regex' && requirement instanceof RegExp) return withPattern(described, requirement);
  if (type === 'check') return described.uniqueItems === true ? described : { ...described, $comment: BEYOND };
  return type === 'transform' ? jsonSchema : undefined;
}

/** The converter has set a first pattern as it is. */
function withPattern(jsonSchema: JsonSchema, regex: RegExp): JsonSchema {
  const pattern = portablePattern(regex);
  const whole = isLoosened(regex) ? { ...jsonSchema, $comment: BEYOND } : jsonSchema;
  if (jsonSchema.pattern === regex.source) return { ...whole, pattern };
  return { ...whole, allOf: [...(jsonSchema.allOf ?? []), { pattern }] };
}

function withoutDraft({ $schema: _draft, ...rest }: JsonSchema): JsonSchema {
  return rest;
}
