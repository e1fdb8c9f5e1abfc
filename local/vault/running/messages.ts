import * as v from 'valibot';
import { FAULT_ORDER } from '../../emulator/elsewhere/fault-control';

/*
 * The messages between `startLocalVault` and the process that runs the vault: one JSON object a line. The process is
 * local/vault-process.ts.
 */

const CREDENTIALS = v.object({ accessKeyId: v.string(), secretAccessKey: v.string(), sessionToken: v.string() });
const VARIABLES = v.record(v.string(), v.string());
const KEY = v.object({ kid: v.string(), publicKey: v.string() });
const FUNCTION = v.object({ name: v.string(), aliases: v.pipe(v.array(v.string()), v.readonly()) });

/** The facts about a vault that is ready, with its secrets. */
const STARTED = v.object({
  endpoint: v.string(),
  region: v.string(),
  account: v.string(),
  environment: v.string(),
  administrator: CREDENTIALS,
  /** by their keys, such as `seal` */
  functions: v.record(v.string(), FUNCTION),
  intakeKey: v.optional(KEY),
  webhook: v.optional(v.object({ ...KEY.entries, url: v.string(), secret: v.string() })),
  /** sessions of the template's roles */
  roles: v.array(v.object({ names: v.array(v.string()), credentials: CREDENTIALS })),
  /** the administrator's variables */
  env: VARIABLES,
  /** further variables of a client by its actor */
  actors: v.record(v.string(), VARIABLES),
});
export type Started = v.InferOutput<typeof STARTED>;

const CALL = v.object({
  at: v.string(),
  function: v.string(),
  qualifier: v.optional(v.string()),
  outcome: v.picklist(['ok', 'error', 'refused']),
  code: v.optional(v.string()),
  status: v.optional(v.number()),
  milliseconds: v.number(),
});

/** A message of the process. */
export const MESSAGE = v.variant('event', [
  v.object({ event: v.literal('started'), started: STARTED }),
  v.object({ event: v.literal('step'), text: v.string() }),
  v.object({ event: v.literal('call'), call: CALL }),
  v.object({ event: v.literal('result'), id: v.number(), lines: v.array(v.string()) }),
  v.object({ event: v.literal('error'), id: v.number(), message: v.string() }),
  v.object({ event: v.literal('failed'), message: v.string() }),
]);
export type Message = v.InferOutput<typeof MESSAGE>;

/** The first line to the process. */
export const OPTIONS = v.object({
  template: v.optional(v.string()),
  app: v.optional(v.string()),
  stacks: v.optional(v.pipe(v.array(v.string()), v.readonly())),
  parameters: v.optional(VARIABLES),
  ssmParameters: v.optional(VARIABLES),
  secrets: v.optional(VARIABLES),
  dataDir: v.optional(v.string()),
  port: v.optional(v.number()),
  webhookPort: v.optional(v.number()),
  longestWaitSeconds: v.optional(v.number()),
  authorization: v.optional(v.boolean()),
});
export type ProcessOptions = v.InferOutput<typeof OPTIONS>;

/** A further line to the process. */
export const REQUEST = v.variant('method', [
  v.object({
    ...{ method: v.literal('explain'), id: v.number() },
    ...{ principal: v.string(), action: v.string(), resource: v.string(), context: v.record(v.string(), v.string()) },
  }),
  v.object({ method: v.literal('fire'), id: v.number(), rule: v.string() }),
  v.object({ method: v.literal('fault'), id: v.number(), standIn: v.string(), order: v.optional(FAULT_ORDER) }),
]);
export type Request = v.InferOutput<typeof REQUEST>;
