import * as v from 'valibot';
import { RULE } from './choice';
import { JSON_VALUE } from './json';
import { isPath, isResultPath } from './path';
import { PAYLOAD_TEMPLATE } from './payload-template';
import { RETRIER, inOrder } from './retry';

/*
 * The part of the Amazon States Language that runs here. The schemas are strict: a state, a field or a function that is
 * not in them would change what a machine does, so such a machine is refused.
 */

const PATH = v.pipe(v.string(), v.check(isPath, 'a path such as $.a.b'));
const RESULT_PATH = v.pipe(v.string(), v.check(isResultPath, 'a path of names such as $.a.b'));

const ANY = { Comment: v.optional(v.string()), QueryLanguage: v.optional(v.literal('JSONPath')) };
const IN_OUT = { InputPath: v.optional(v.nullable(PATH), '$'), OutputPath: v.optional(v.nullable(PATH), '$') };
const END = { Next: v.optional(v.string()), End: v.optional(v.literal(true)) };
const RESULT = { ResultPath: v.optional(v.nullable(RESULT_PATH), '$'), ResultSelector: v.optional(PAYLOAD_TEMPLATE) };
const CATCHER = v.strictObject({
  ErrorEquals: RETRIER.entries.ErrorEquals,
  Next: v.string(),
  ResultPath: v.optional(v.nullable(RESULT_PATH), '$'),
  Comment: v.optional(v.string()),
});
const HANDLED = { Retry: v.optional(inOrder(RETRIER), []), Catch: v.optional(inOrder(CATCHER), []) };
const SECONDS = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(99_999_999));

/** The parameters of `lambda:invoke`. The function is fixed, so that its policy can be read from the template. */
const INVOKE = v.strictObject({
  FunctionName: v.string(),
  Qualifier: v.optional(v.string()),
  InvocationType: v.optional(v.literal('RequestResponse')),
  Payload: v.optional(v.union([PAYLOAD_TEMPLATE, v.string()])),
  'Payload.$': v.optional(PATH),
});

const TASK = v.strictObject({
  ...{ Type: v.literal('Task'), ...ANY, ...IN_OUT, ...RESULT, ...HANDLED, ...END },
  Resource: v.pipe(v.string(), v.regex(/^arn:aws[a-z-]*:states:::lambda:invoke$/, 'the task lambda:invoke')),
  Parameters: INVOKE,
  TimeoutSeconds: v.optional(SECONDS),
});

/** Calls of other services by machines that run here, with the name of each in IAM and of its API. */
const CALLS = {
  'backup:describeRestoreJob': 'DescribeRestoreJob',
  'backup:putRestoreValidationResult': 'PutRestoreValidationResult',
  'rds:createDBInstance': 'CreateDBInstance',
  'rds:deleteDBInstance': 'DeleteDBInstance',
  'rds:describeDBClusters': 'DescribeDBClusters',
  'rds:describeDBInstances': 'DescribeDBInstances',
  'rds:modifyDBCluster': 'ModifyDBCluster',
} as const;
const CALL = new RegExp(`^arn:aws[a-z-]*:states:::aws-sdk:(?:${Object.keys(CALLS).join('|')})$`);
const SDK = /^arn:aws[a-z-]*:states:::aws-sdk:/;

const SDK_TASK = v.strictObject({
  ...{ Type: v.literal('Task'), ...ANY, ...IN_OUT, ...RESULT, ...HANDLED, ...END },
  Resource: v.pipe(v.string(), v.regex(CALL, `one of the tasks ${Object.keys(CALLS).join(', ')}`)),
  Parameters: PAYLOAD_TEMPLATE,
  TimeoutSeconds: v.optional(SECONDS),
});
const PASS = v.strictObject({
  ...{ Type: v.literal('Pass'), ...ANY, ...IN_OUT, ...END },
  ResultPath: RESULT.ResultPath,
  Parameters: v.optional(PAYLOAD_TEMPLATE),
  Result: v.optional(JSON_VALUE),
});
const CHOICE = v.strictObject({
  ...{ Type: v.literal('Choice'), ...ANY, ...IN_OUT },
  Choices: v.pipe(v.array(RULE), v.minLength(1)),
  Default: v.optional(v.string()),
});
const WAIT = v.strictObject({
  Type: v.literal('Wait'),
  ...ANY,
  ...IN_OUT,
  ...END,
  Seconds: v.union([SECONDS, v.literal(0)]),
});
const SUCCEED = v.strictObject({ Type: v.literal('Succeed'), ...ANY, ...IN_OUT });
const FAIL = v.strictObject({
  ...{ Type: v.literal('Fail'), ...ANY },
  Error: v.optional(v.string()),
  Cause: v.optional(v.string()),
});
const PARALLEL_FIELDS = {
  ...{ Type: v.literal('Parallel'), ...ANY, ...IN_OUT, ...RESULT, ...HANDLED, ...END },
  Parameters: v.optional(PAYLOAD_TEMPLATE),
};

export type InvokeState = v.InferOutput<typeof TASK>;
export type CallState = v.InferOutput<typeof SDK_TASK>;
export type TaskState = InvokeState | CallState;
export type ParallelState = v.InferOutput<v.StrictObjectSchema<typeof PARALLEL_FIELDS, undefined>> & {
  readonly Branches: readonly Branch[];
};
export type State =
  | TaskState
  | ParallelState
  | v.InferOutput<typeof PASS>
  | v.InferOutput<typeof CHOICE>
  | v.InferOutput<typeof WAIT>
  | v.InferOutput<typeof SUCCEED>
  | v.InferOutput<typeof FAIL>;

/** States, and the first of them: a machine, or a branch of a `Parallel` state. */
export interface Branch {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}
export interface Machine extends Branch {
  readonly TimeoutSeconds?: number | undefined;
}

const BRANCH: v.GenericSchema<unknown, Branch> = v.lazy(() => v.strictObject({ ...BRANCH_FIELDS }));
const PARALLEL: v.GenericSchema<unknown, ParallelState> = v.lazy(() =>
  v.strictObject({ ...PARALLEL_FIELDS, Branches: v.pipe(v.array(BRANCH), v.minLength(1)) }),
);
const BY_TYPE: Readonly<Record<string, v.GenericSchema<unknown, State>>> = {
  ...{ Task: TASK, Pass: PASS, Choice: CHOICE, Wait: WAIT, Succeed: SUCCEED, Fail: FAIL, Parallel: PARALLEL },
};
const IS_CALL = v.looseObject({ Type: v.literal('Task'), Resource: v.pipe(v.string(), v.regex(SDK)) });
const TYPE = v.looseObject({ Type: v.picklist(Object.keys(BY_TYPE)) });
const STATE: v.GenericSchema<unknown, State> = v.lazy((input) => {
  if (v.is(IS_CALL, input)) return SDK_TASK;
  const typed = v.safeParse(TYPE, input);
  // reports an unknown type by the list of types
  return typed.success
    ? (BY_TYPE[typed.output.Type] ?? FAIL)
    : v.pipe(
        TYPE,
        v.transform(() => ({ Type: 'Fail' as const })),
      );
});
const BRANCH_FIELDS = {
  StartAt: v.string(),
  States: v.record(v.pipe(v.string(), v.minLength(1), v.maxLength(80)), STATE),
  ...{ Comment: ANY.Comment, QueryLanguage: ANY.QueryLanguage },
};
const MACHINE = v.strictObject({
  ...BRANCH_FIELDS,
  Version: v.optional(v.literal('1.0')),
  TimeoutSeconds: v.optional(SECONDS),
});

/** Returns whether a task calls a service other than Lambda. */
export function isCall(task: TaskState): task is CallState {
  return SDK.test(task.Resource);
}

/** Returns the service and the operation that a task calls, by their names in the API. */
export function calledBy({ Resource }: CallState): { readonly service: string; readonly operation: string } {
  const name = Resource.replace(SDK, '');
  return { service: name.split(':')[0] ?? '', operation: CALLS[name as keyof typeof CALLS] };
}

/** Reads a definition. Throws `TypeError`, with the path of the first value that doesn't run here. */
export function readMachine(definition: unknown): Machine {
  const result = v.safeParse(MACHINE, definition, { abortEarly: true });
  if (!result.success) {
    const [{ type, message, expected, path = [] }] = result.issues;
    const at = path.map(({ key }) => String(key)).join('.');
    const wanted = type === 'check' || type === 'regex' ? message : expected === 'never' ? 'no such field' : expected;
    throw new TypeError(`${at}: expected ${wanted ?? type}, got something else`);
  }
  requireTransitions(result.output, 'States');
  requireUniqueNames(result.output);
  return result.output;
}

/** Throws unless each state ends or leads to a state of the same branch. */
function requireTransitions({ StartAt, States }: Branch, at: string): void {
  const require = (target: string | undefined, from: string): void => {
    if (target === undefined || !Object.hasOwn(States, target))
      throw new TypeError(`${from}: expected a state, got none`);
  };
  require(StartAt, `${at}: StartAt`);
  for (const [name, state] of Object.entries(States)) {
    const here = `${at}.${name}`;
    for (const target of targetsOf(state)) require(target, here);
    if ('End' in state && state.End === true && state.Next !== undefined) {
      throw new TypeError(`${here}: expected Next or End, got both`);
    }
    if (state.Type === 'Parallel') {
      state.Branches.forEach((branch, index) => requireTransitions(branch, `${here}.Branches.${index}.States`));
    }
  }
}

/** Returns the states that can follow; undefined for one that is missing. */
function targetsOf(state: State): readonly (string | undefined)[] {
  if (state.Type === 'Succeed' || state.Type === 'Fail') return [];
  if (state.Type === 'Choice') {
    return [...state.Choices.map(({ Next }) => Next), ...(state.Default === undefined ? [] : [state.Default])];
  }
  const caught = 'Catch' in state ? state.Catch.map(({ Next }) => Next) : [];
  return [...caught, ...(state.End === true ? [] : [state.Next])];
}

function requireUniqueNames(machine: Machine): void {
  const names = namesOf(machine);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new TypeError(`States: expected each name once, got ${twice} twice`);
}

function namesOf({ States }: Branch): readonly string[] {
  return Object.entries(States).flatMap(([name, state]) => [
    name,
    ...(state.Type === 'Parallel' ? state.Branches.flatMap(namesOf) : []),
  ]);
}
