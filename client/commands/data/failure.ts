import type { ErrorCode } from '../../../lambda/contract/codes';
import { type ClientErrorCode, ShareVaultError } from '../../errors';
import type { FunctionKey } from '../../options';
import { CommandFailure, UsageError } from '../command';
import { adviceFor, exitFor, factsOf, nameOf } from '../error-facts';
import { EXIT, type ExitCode } from '../exit-codes';
import { printable } from '../printable';

type Code = ErrorCode | ClientErrorCode;

const EXITS: Readonly<Partial<Record<Code, ExitCode>>> = {
  NotFound: EXIT.notFound,
  Revoked: EXIT.revoked,
  Frozen: EXIT.refused,
  Conflict: EXIT.conflict,
  VersionConflict: EXIT.conflict,
  StaleWalletProperties: EXIT.conflict,
  ActorRequired: EXIT.refused,
  InvokeRefused: EXIT.refused,
};

const ADVICE: Readonly<Partial<Record<Code, string>>> = {
  NotFound: 'are the wallet, the chain and the user spelled as they were sealed',
  Revoked: 'the materials of this wallet are destroyed',
  Frozen: 'an operator stopped openings: share-vault freezes says since when, why, and how to thaw',
  Conflict: 'a live record exists: share-vault records has its id for --supersedes',
  VersionConflict: 'read the properties again, and name their version with --expected-version',
  StaleWalletProperties:
    'the new properties lack the backup information that the present ones have, and no one else has it: add it, or use --force',
  ActorRequired: 'was the actor given this kind and this operation',
  InvokeRefused: 'is this the account and the region of the vault, and may the caller use this actor',
  InvalidRequest: 'is the vault of the same version, and are the wallet and the chain written as they were sealed',
  TransportRejected: 'is the clock of this machine right',
  ResponseRejected: 'this is no response of a vault',
  StoreUnavailable: 'the database is paused, starting or out of reach: try again in a minute',
  KeyUnavailable: 'the key is disabled, pending deletion or not allowed: see the log of the function',
  FunctionFailed: 'the function ended without a response: see its log',
};

/** Advice for the operations about freezes. */
const FREEZING_ADVICE: Readonly<Partial<Record<Code, string>>> = {
  NotFound: 'share-vault freezes lists the freezes by their numbers',
  Conflict: 'the freeze was thawed already: share-vault freezes --past lists it',
  InvalidRequest: 'an actor that is frozen by its name must be one that may unseal, spelled as in the app of the vault',
  ActorRequired: 'was the actor given this operation',
  FunctionFailed: 'the function ended without a response, and may have done it: see share-vault freezes',
  TransportFailed: 'the call may have been done: see share-vault freezes before you repeat it',
};

/** Advice if the operation changes what is stored. */
const CHANGING_ADVICE: Readonly<Partial<Record<Code, string>>> = {
  FunctionFailed: 'the function ended without a response, and may have done it: see its log',
  TransportFailed: 'the call may have been done: look at share-vault log before you repeat it',
};

/** Returns the failure for an error of the typed client. Others are returned as they are. */
export function failureOf(error: unknown, operation: FunctionKey): unknown {
  if (error instanceof ShareVaultError) return regionFailure(error) ?? refusal(error, operation);
  // arguments, refused before anything is sent
  return error instanceof TypeError || error instanceof RangeError ? usage(error) : error;
}

/** The words of a vault are another's: of them only the code is printed, one of a closed list, and the request's id. */
function refusal(error: ShareVaultError, operation: FunctionKey): CommandFailure {
  const { code, retryable, requestId, message } = error;
  const exit = retryable ? EXIT.retryable : (EXITS[code] ?? EXIT.failed);
  const request = requestId === undefined ? '' : ` (request ${printable(requestId)})`;
  // the client's own words: they name the function and the error of AWS
  const own = code === 'InvokeRefused' || code === 'InvokeThrottled' || code === 'TransportFailed';
  const problem = own ? printable(message) : `expected the vault to accept the call, got ${code}`;
  return new CommandFailure(`${problem}${adviceOn(error, operation)}${request}`, { exit, cause: error });
}

/** Returns the failure if the SDK had no region to send the call to. Nothing was sent. */
function regionFailure(error: ShareVaultError): CommandFailure | undefined {
  const got = nameOf(error.cause);
  if (got !== 'no region' && got !== 'a malformed region') return undefined;
  const problem = `expected a region to call the vault in, got ${got}${adviceFor('', got)}`;
  return new CommandFailure(problem, { exit: exitFor('', got), cause: error });
}

/** Returns advice as the end of a sentence: by the error of the SDK if its sender can mend it, else by the code. */
function adviceOn({ code, cause }: ShareVaultError, operation: FunctionKey): string {
  const changing = adviceOnChange(code, operation);
  const { name } = factsOf(cause);
  const own = cause === undefined || name.startsWith('AccessDenied') ? '' : adviceFor(name, nameOf(cause));
  const advice = changing ?? ADVICE[code];
  if (changing === undefined && own !== '') return own;
  return advice === undefined ? '' : `: ${advice}`;
}

/** Returns the advice that an operation has of its own; undefined for one that only reads. */
function adviceOnChange(code: Code, operation: FunctionKey): string | undefined {
  if (operation === 'freeze' || operation === 'thaw') return FREEZING_ADVICE[code];
  return operation === 'seal' || operation === 'revoke' ? CHANGING_ADVICE[code] : undefined;
}

/** The options of the command line for the arguments of the client. */
const OPTIONS: Readonly<Record<string, string>> = {
  walletId: '--wallet',
  chain: '--chain',
  userId: '--user',
  reason: '--reason',
  publicKey: '--public-key',
  accountAddress: '--public-key',
  shareSetId: '--share-set',
  supersedes: '--supersedes',
  expectedVersion: '--expected-version',
  version: '--version',
  walletProperties: '--properties',
  idempotencyKey: '--idempotency-key',
};

/** The client's messages have the form `arguments of seal: walletId: expected …, got …`, and quote no value. */
function usage(error: TypeError | RangeError): unknown {
  const problems = error.message.replace(/^arguments of \w+: /, '').split('; ');
  if (!problems.every((problem) => /^[\w.[\]]+: expected [^'"]*$/.test(problem))) return error;
  const named = problems.map((problem) => problem.replace(/^\w+/, (name) => OPTIONS[name] ?? name));
  return new UsageError(printable(named.join('; ')));
}
