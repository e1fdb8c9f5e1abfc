import type { Context } from 'aws-lambda';
import { type Actor, qualifierOf, readActor, requireAlias } from './actor';
import { SWEEP_ALIAS } from '../contract/reseal-alias';
import type { MeasuredMaterials } from '../contract/measured-materials';
import type { ItemFailure, MigrateResponse } from '../contract/responses';
import type { WebhookCode } from '../contract/codes';
import { type Deadline, deadlineIn } from './deadline';
import { ENV } from '../contract/variables';
import { ENVIRONMENT_PATTERN } from '../contract/patterns';
import { VaultError } from '../contract/errors';
import { asVaultError } from './failure';
import { httpResponse } from './http-response';
import { type LogFields, causeName, log } from './log';

/** One invocation: its id and its deadline. */
export interface Call {
  readonly requestId: string;
  readonly deadline: Deadline;
}

export interface DeployCall extends Call {
  /** whether the schedule invoked it, and not a deploy */
  readonly isSweep: boolean;
}

export interface ActorCall extends Call {
  readonly actor: Actor;
  /** Logs and counts the failure of an item, as that of a call is, and returns its part of the response. */
  readonly refuseItem: (failure: VaultError) => ItemFailure;
  /** Logs and counts records whose materials the response holds. */
  readonly countUnsealed: (records: number) => void;
  /** Logs and counts materials that share keys opened which only open. */
  readonly noteOpened: (facts: OpenedFacts) => void;
  /** Logs and counts how many freezes are in force, and a thaw. */
  readonly noteFreezes: (facts: FreezeFacts) => void;
  /** Logs and counts the tombstones that the bucket doesn't have. */
  readonly noteTombstones: (facts: TombstoneFacts) => void;
}

/** The facts about freezes that are logged. */
export type FreezeFacts = Pick<LogFields, 'frozen' | 'thaw'>;

/** The facts about share keys that only open that are logged. */
export type OpenedFacts = Pick<LogFields, 'openedRetiring' | 'openedRetired' | 'warnings'>;

/** The facts about tombstones that are logged. */
export type TombstoneFacts = Pick<LogFields, 'tombstonesPending' | 'tombstoneFailure'>;

/** The facts of a reseal that its log line has. */
export type ResealNotes = Pick<LogFields, 'run' | 'resealed' | 'unresealed' | 'receipt'>;

/** The facts of a restore check that its log line has. */
export type RestoreNotes = Pick<
  LogFields,
  'restoreJob' | 'restoreTest' | 'restoreMinutes' | 'recoveryPointAgeMinutes' | 'daysSinceRestoreTest'
>;

export interface AliasCall extends Call {
  /** Adds facts to the call's log line: it has them even if the call fails later. */
  readonly note: (facts: ResealNotes | RestoreNotes) => void;
}

/** A delivery of the webhook. */
export type WebhookCall = Call & Pick<ActorCall, 'noteTombstones'>;

/** The result of a webhook's delivery: its code, and the facts that are logged. */
export interface WebhookOutcome extends Pick<LogFields, 'recordId' | 'webhookEvent'> {
  readonly code: WebhookCode;
}

export type Handler = (event: unknown, context: Context) => Promise<unknown>;

/** Milliseconds of the function's time that are reserved for the error response. */
const RESPONSE_MARGIN_MS = 250;
/** The actor of Dynamic's webhook. No alias can have this name. */
const WEBHOOK_ACTOR = 'dynamic:webhook';

/** The facts of a call, collected until its log line is written. */
type Notes = {
  -readonly [
    K in
      | 'actor'
      | 'recordId'
      | 'webhookEvent'
      | 'outcome'
      | 'audited'
      | 'waiting'
      | 'overdueLogMonths'
      | 'unsealed'
      | 'thawsLogged'
      | keyof OpenedFacts
      | keyof MeasuredMaterials
      | keyof FreezeFacts
      | keyof TombstoneFacts
      | keyof ResealNotes
      | keyof RestoreNotes
  ]?: LogFields[K];
};

/**
 * Returns a handler that only actors may call. `createParts` runs once in an execution environment; if it fails, the next
 * invocation tries again.
 */
export function actorHandler<Parts extends { readonly actors: ReadonlyMap<string, readonly string[]> }>(
  name: string,
  createParts: () => Parts,
  act: (event: unknown, call: ActorCall, parts: Parts) => Promise<unknown>,
): Handler {
  const parts = once(createParts);
  return (event, context) =>
    respond(name, context, async (call, notes, logRefusal) => {
      const opened = parts();
      const actor = readActor(context.invokedFunctionArn, opened.actors);
      notes.actor = actor.name;
      const refuseItem = (failure: VaultError): ItemFailure => {
        logRefusal(failure);
        return { code: failure.name, message: failure.message };
      };
      const countUnsealed = (records: number): void => {
        notes.unsealed = records;
      };
      const note = (facts: FreezeFacts | TombstoneFacts | OpenedFacts): void => void Object.assign(notes, facts);
      const added = { actor, refuseItem, countUnsealed, noteOpened: note, noteFreezes: note, noteTombstones: note };
      return act(event, { ...call, ...added }, opened);
    });
}

/**
 * Returns a handler that serves one alias, and no actor: its name proves that IAM allowed the caller to invoke it. Refuses
 * every other call with `ActorRequired`.
 */
export function aliasHandler<Parts>(
  { name, alias, actor }: { readonly name: string; readonly alias: string; readonly actor: string },
  createParts: () => Parts,
  act: (event: unknown, call: AliasCall, parts: Parts) => Promise<unknown>,
): Handler {
  const parts = once(createParts);
  return (event, context) =>
    respond(name, context, async (call, notes) => {
      requireAlias(context.invokedFunctionArn, alias);
      notes.actor = actor;
      return act(event, { ...call, note: (facts) => Object.assign(notes, facts) }, parts());
    });
}

/**
 * Returns a handler that runs on deploy, for every caller that may invoke it. It also logs `audited`, `warnings`, `frozen`,
 * `thawsLogged`, `waiting`, `overdueLogMonths`, `tombstonesPending` and the measured materials of its response.
 */
export function deployHandler<Parts>(
  name: string,
  createParts: () => Parts,
  act: (
    call: DeployCall,
    parts: Parts,
  ) => Promise<
    Pick<
      MigrateResponse,
      | 'audited'
      | 'warnings'
      | 'frozen'
      | 'thawsLogged'
      | 'waiting'
      | 'overdueLogMonths'
      | 'tombstonesPending'
      | keyof MeasuredMaterials
    >
  >,
): Handler {
  const parts = once(createParts);
  return (_event, context) =>
    respond(name, context, async (call, notes) => {
      const isSweep = qualifierOf(context.invokedFunctionArn) === SWEEP_ALIAS;
      const result = await act({ ...call, isSweep }, parts());
      notes.audited = result.audited;
      notes.warnings = result.warnings;
      notes.frozen = result.frozen;
      notes.thawsLogged = result.thawsLogged;
      notes.staleRecords = result.staleRecords;
      notes.oldestMaterialDays = result.oldestMaterialDays;
      notes.waiting = result.waiting;
      notes.overdueLogMonths = result.overdueLogMonths;
      notes.tombstonesPending = result.tombstonesPending;
      return result;
    });
}

/**
 * Returns a handler that API Gateway calls with a webhook's delivery. Every outcome is an HTTP response with a code and no
 * more. The response is sent within the webhook's time budget, counted from the start of the call.
 */
export function webhookHandler<Parts extends { readonly webhookBudgetMs: number }>(
  name: string,
  createParts: () => Parts,
  act: (event: unknown, call: WebhookCall, parts: Parts) => Promise<WebhookOutcome>,
): Handler {
  const parts = once(createParts);
  return async (event, context) => {
    const received = performance.now();
    const codeOf = async (call: Call, notes: Notes): Promise<WebhookCode> => {
      notes.actor = WEBHOOK_ACTOR;
      const opened = parts();
      const left = opened.webhookBudgetMs - (performance.now() - received);
      const deadline = deadlineIn(Math.min(left, call.deadline.remainingMs()));
      const noteTombstones = (facts: TombstoneFacts): void => void Object.assign(notes, facts);
      const { code, ...known } = await act(event, { ...call, deadline, noteTombstones }, opened);
      Object.assign(notes, known, { outcome: code });
      return code;
    };
    const code = await respond(name, context, codeOf).catch((error: unknown) => asVaultError(error).name);
    return httpResponse(code, context.awsRequestId);
  };
}

async function respond<T>(
  name: string,
  context: Context,
  act: (call: Call, notes: Notes, logRefusal: (failure: VaultError) => void) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const requestId = context.awsRequestId;
  const line = { environment: environmentName(), function: name, requestId };
  // filled in as the call goes on: a refusal is logged with the actor too
  const notes: Notes = {};
  const elapsed = (): number => Math.round(performance.now() - started);
  const logRefusal = (failure: VaultError): void => {
    log('error', 'refused', {
      ...line,
      ...notes,
      code: failure.name,
      problem: failure.message,
      cause: causeName(failure.cause),
      milliseconds: elapsed(),
    });
  };
  try {
    const deadline = deadlineIn(context.getRemainingTimeInMillis() - RESPONSE_MARGIN_MS);
    const result = await act({ requestId, deadline }, notes, logRefusal);
    log('info', 'answered', { ...line, ...notes, milliseconds: elapsed() });
    return result;
  } catch (error) {
    const failure = asVaultError(error);
    logRefusal(failure);
    // the cause stays here: a parser's error may quote its input
    throw new VaultError(failure.name, failure.message);
  }
}

/** For the log line, which is written even if the settings are malformed. */
function environmentName(): string {
  const name = process.env[ENV.environment] ?? '';
  return ENVIRONMENT_PATTERN.test(name) ? name : 'unknown';
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
