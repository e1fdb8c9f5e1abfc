import { describe, expect, jest, test } from '@jest/globals';
import { INVOKE, failing, run, taskMachine } from './support';

describe('a task', () => {
  test('sends its parameters with values of the input and of the context, and returns the response', async () => {
    const Parameters = {
      FunctionName: 'work',
      Qualifier: 'run',
      Payload: {
        action: 'step',
        'run.$': '$$.Execution.Name',
        'first.$': '$.list[0]',
        deep: { 'state.$': '$$.State.Name' },
      },
    };

    const { output, calls } = await run(taskMachine({ Parameters }), { list: [7] }, { work: () => ({ Payload: 1 }) });

    expect(output).toEqual({ Payload: 1 });
    expect(calls).toEqual([
      {
        functionName: 'work',
        qualifier: 'run',
        payload: { action: 'step', run: 'run-1', first: 7, deep: { state: 'Work' } },
      },
    ]);
  });

  test('selects its input, its result and its output by paths', async () => {
    const members = {
      InputPath: '$.in',
      Parameters: { FunctionName: 'work', 'Payload.$': '$' },
      ResultSelector: { 'next.$': '$.Payload.next' },
      ResultPath: '$.out.result',
      OutputPath: '$.out',
    };

    const { output, calls } = await run(
      taskMachine(members),
      { in: { a: 1 } },
      { work: () => ({ Payload: { next: 'wait' } }) },
    );

    expect(calls[0]?.payload).toEqual({ a: 1 });
    expect(output).toEqual({ result: { next: 'wait' } });
  });

  test.each([
    ['keeps its raw input with the result path null', { ResultPath: null }, { a: 1 }],
    ['leaves an empty object with the output path null', { OutputPath: null }, {}],
  ])('%s', async (_, members, output) => {
    expect(await run(taskMachine(members), { a: 1 }, { work: () => 'ignored' })).toMatchObject({ output });
  });

  const handled = {
    Retry: [{ ErrorEquals: ['States.ALL'], MaxAttempts: 1 }],
    Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
  };
  const handledTask = (members: object) => taskMachine({ ...members, ...handled }, { Caught: { Type: 'Succeed' } });

  test('fails with States.Runtime at a path to nothing, which no catcher and no retrier gets', async () => {
    const machine = handledTask({ OutputPath: '$.missing' });

    expect(await run(machine, { a: 1 }, { work: () => 1 })).toMatchObject({ error: 'States.Runtime', sleeps: [] });
  });

  test('has its failure caught if a result path leads through a value that is no object', async () => {
    const machine = handledTask({ ResultPath: '$.a.b' });

    expect(await run(machine, { a: 1 }, { work: () => 1 })).toMatchObject({
      output: { Error: 'States.ResultPathMatchFailure' },
      sleeps: [1],
    });
  });

  test('fails with States.Timeout when its function takes longer than it allows', async () => {
    jest.useFakeTimers();
    try {
      const result = run(taskMachine({ TimeoutSeconds: 300 }), {}, { work: () => new Promise(() => undefined) });
      await jest.advanceTimersByTimeAsync(300_000);

      expect(await result).toMatchObject({ error: 'States.Timeout' });
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a retrier', () => {
  const retried = (retry: object, ...errors: string[]) => {
    return run(taskMachine({ Retry: [{ ErrorEquals: ['States.ALL'], ...retry }] }), {}, { work: failing(...errors) });
  };

  test('waits by the defaults: a second, doubled, three times', async () => {
    expect(await retried({}, 'A', 'A', 'A')).toMatchObject({ output: 'done', sleeps: [1, 2, 4] });
    expect(await retried({}, 'A', 'A', 'A', 'A')).toMatchObject({ error: 'A', cause: 'cause of A', sleeps: [1, 2, 4] });
  });

  test('limits its delays by MaxDelaySeconds, after the backoff', async () => {
    const retry = { IntervalSeconds: 3, BackoffRate: 3, MaxAttempts: 4, MaxDelaySeconds: 20 };

    expect(await retried(retry, 'A', 'A', 'A', 'A')).toMatchObject({ sleeps: [3, 9, 20, 20] });
  });

  test('draws each delay between 0 and its length with full jitter', async () => {
    const machine = taskMachine({ Retry: [{ ErrorEquals: ['A'], IntervalSeconds: 8, JitterStrategy: 'FULL' }] });

    expect(await run(machine, {}, { work: failing('A', 'A') }, 0.25)).toMatchObject({ sleeps: [2, 4] });
  });

  test('counts its own attempts, so that another error still has all of its own', async () => {
    const Retry = [
      { ErrorEquals: ['A'], IntervalSeconds: 1, MaxAttempts: 2 },
      { ErrorEquals: ['B', 'C'], IntervalSeconds: 10, MaxAttempts: 2 },
    ];
    const result = await run(taskMachine({ Retry }), {}, { work: failing('A', 'B', 'A', 'C', 'A') });

    expect(result).toMatchObject({ error: 'A', sleeps: [1, 10, 2, 20] });
  });

  test('with no attempts keeps a later retrier from matching', async () => {
    const Retry = [{ ErrorEquals: ['A'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }];

    expect(await run(taskMachine({ Retry }), {}, { work: failing('A') })).toMatchObject({ error: 'A', sleeps: [] });
  });

  test.each([
    ['States.TaskFailed', 'A', 'done'],
    ['States.TaskFailed', 'States.Permissions', 'done'],
    ['States.TaskFailed', 'States.Timeout', undefined],
    ['B', 'A', undefined],
    ['States.ALL', 'States.Timeout', 'done'],
    ['States.Timeout', 'States.Timeout', 'done'],
  ])('for %s, at the error %s, leads to the output %s', async (name, error, output) => {
    const machine = taskMachine({ Retry: [{ ErrorEquals: [name] }] });

    expect((await run(machine, {}, { work: failing(error) })).output).toEqual(output);
  });
});

describe('a catcher', () => {
  const Catch = [
    { ErrorEquals: ['A'], Next: 'Other', ResultPath: '$.failure' },
    { ErrorEquals: ['States.ALL'], Next: 'Other' },
  ];
  const machine = taskMachine(
    { Retry: [{ ErrorEquals: ['A'], MaxAttempts: 1 }], Catch },
    { Other: { Type: 'Pass', End: true } },
  );

  test('gets an error after its retries, and adds it to the raw input', async () => {
    expect(await run(machine, { a: 1 }, { work: failing('A', 'A') })).toMatchObject({
      output: { a: 1, failure: { Error: 'A', Cause: 'cause of A' } },
      sleeps: [1],
    });
  });

  test('replaces the input by the error without a result path', async () => {
    expect(await run(machine, { a: 1 }, { work: failing('B') })).toMatchObject({
      output: { Error: 'B', Cause: 'cause of B' },
    });
  });
});

describe('a choice', () => {
  const chosen = async (rule: object, input: object) => {
    const States = {
      Choose: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
      Yes: { Type: 'Pass', Result: true, End: true },
      No: { Type: 'Pass', Result: false, End: true },
    };
    const { output, error } = await run({ StartAt: 'Choose', States }, { ...input });
    return error ?? output;
  };
  const one = { Variable: '$.n', NumericEquals: 1 };

  test.each([
    [{ Variable: '$.s', StringEquals: 'step' }, true],
    [{ Variable: '$.s', StringEquals: 'stepp' }, false],
    [{ Variable: '$.n', StringEquals: '1' }, false],
    [{ Variable: '$.s', NumericEquals: 1 }, false],
    [{ Variable: '$.n', NumericEquals: 1 }, true],
    [{ Variable: '$.n', NumericLessThan: 1 }, false],
    [{ Variable: '$.n', NumericLessThan: 2 }, true],
    [{ Variable: '$.n', NumericLessThanEquals: 1 }, true],
    [{ Variable: '$.n', NumericLessThanEquals: 0 }, false],
    [{ Variable: '$.n', NumericGreaterThan: 1 }, false],
    [{ Variable: '$.n', NumericGreaterThan: 0 }, true],
    [{ Variable: '$.n', NumericGreaterThanEquals: 1 }, true],
    [{ Variable: '$.n', NumericGreaterThanEquals: 2 }, false],
    [{ Variable: '$.b', BooleanEquals: true }, true],
    [{ Variable: '$.b', BooleanEquals: false }, false],
    [{ Variable: '$.none', IsPresent: false }, true],
    [{ Variable: '$.n', IsPresent: true }, true],
    [{ Variable: '$.n', IsPresent: false }, false],
    [{ And: [one, { Variable: '$.s', StringEquals: 'step' }] }, true],
    [{ And: [one, { Variable: '$.s', StringEquals: 'x' }] }, false],
    [{ Or: [{ Variable: '$.s', StringEquals: 'x' }, one] }, true],
    [{ Not: one }, false],
    [{ Variable: '$$.Execution.Name', StringEquals: 'run-1' }, true],
    [{ Variable: '$.none', StringEquals: 'x' }, 'States.Runtime'],
  ])('by %j of s = step, n = 1 and b = true is %s', async (rule, expected) => {
    expect(await chosen(rule, { s: 'step', n: 1, b: true })).toBe(expected);
  });

  test('takes the first rule that holds, and fails with States.Runtime if none does', async () => {
    const rule = (NumericEquals: number, Next: string) => ({ Variable: '$.n', NumericEquals, Next });
    const Choose = { Type: 'Choice', Choices: [rule(1, 'A'), rule(1, 'B')] };
    const machine = {
      StartAt: 'Choose',
      States: { Choose, A: { Type: 'Pass', Result: 'A', End: true }, B: { Type: 'Succeed' } },
    };

    expect(await run(machine, { n: 1 })).toMatchObject({ output: 'A' });
    expect(await run(machine, { n: 2 })).toMatchObject({ error: 'States.Runtime' });
  });
});

describe('a parallel state', () => {
  const branch = (name: string, members: object = {}) => ({
    StartAt: name,
    States: { [name]: { Type: 'Task', Resource: INVOKE, Parameters: { FunctionName: name }, End: true, ...members } },
  });
  const parallel = (Branches: readonly object[], members: object = {}) => ({
    StartAt: 'All',
    States: { All: { Type: 'Parallel', Branches, End: true, ...members }, Caught: { Type: 'Pass', End: true } },
  });

  test('gives its input to each branch, and returns their outputs in the order of the branches', async () => {
    const Branches = [branch('a', { Parameters: { FunctionName: 'a', 'Payload.$': '$' } }), branch('b')];

    const { output, calls } = await run(parallel(Branches), { x: 1 }, { a: () => 'A', b: () => 'B' });

    expect(output).toEqual(['A', 'B']);
    expect(calls[0]?.payload).toEqual({ x: 1 });
  });

  test('fails with the error of a branch, and ends the other branches before their next state', async () => {
    const other = { ...branch('b', { Next: 'c', End: undefined }) };
    const States = {
      ...other.States,
      c: { Type: 'Task', Resource: INVOKE, Parameters: { FunctionName: 'c' }, End: true },
    };
    const fail = { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Bad', Cause: 'why' } } };

    const result = await run(JSON.parse(JSON.stringify(parallel([fail, { ...other, States }]))) as object);

    expect(result).toMatchObject({ error: 'Bad', cause: 'why' });
    expect(result.calls.map(({ functionName }) => functionName)).not.toContain('c');
  });

  test('ends with States.Runtime, neither retried nor caught, if a choice of a branch has no match', async () => {
    const Choices = [{ Variable: '$.n', NumericEquals: 1, Next: 'End' }];
    const branchOf = { StartAt: 'C', States: { C: { Type: 'Choice', Choices }, End: { Type: 'Succeed' } } };
    const handled = {
      Retry: [{ ErrorEquals: ['States.ALL'] }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }],
    };

    expect(await run(parallel([branchOf], handled), { n: 2 })).toMatchObject({ error: 'States.Runtime', sleeps: [] });
  });

  test('retries all of its branches, and has its errors caught', async () => {
    const work = { a: failing('A'), b: () => 'B' };
    const Retry = [{ ErrorEquals: ['A'], MaxAttempts: 1 }];

    expect(await run(parallel([branch('a'), branch('b')], { Retry }), {}, work)).toMatchObject({
      output: ['done', 'B'],
      sleeps: [1],
    });
    const Catch = [{ ErrorEquals: ['A'], Next: 'Caught' }];
    expect(await run(parallel([branch('a')], { Catch }), {}, { a: failing('A') })).toMatchObject({
      output: { Error: 'A', Cause: 'cause of A' },
    });
  });
});

test('a wait lasts its seconds, and passes its input on', async () => {
  const States = { Pause: { Type: 'Wait', Seconds: 60, Next: 'End' }, End: { Type: 'Succeed', OutputPath: '$.a' } };

  expect(await run({ StartAt: 'Pause', States }, { a: 1 })).toMatchObject({ output: 1, sleeps: [60] });
});

test('a pass state places its result, and evaluates its parameters', async () => {
  const machine = (members: object) => ({ StartAt: 'P', States: { P: { Type: 'Pass', End: true, ...members } } });

  expect(await run(machine({ Result: [1], ResultPath: '$.r' }), { a: 1 })).toMatchObject({ output: { a: 1, r: [1] } });
  expect(await run(machine({ Result: null, ResultPath: '$.r' }), {})).toMatchObject({ output: { r: null } });
  expect(await run(machine({ Parameters: { 'b.$': '$.a' } }), { a: 1 })).toMatchObject({ output: { b: 1 } });
  expect(await run(machine({ InputPath: '$.a' }), { a: 1 })).toMatchObject({ output: 1 });
});

test('a fail state without a name is caught as any error is', async () => {
  const inner = { StartAt: 'F', States: { F: { Type: 'Fail' } } };
  const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'Caught' }];
  const States = { All: { Type: 'Parallel', Branches: [inner], Catch, End: true }, Caught: { Type: 'Succeed' } };

  expect(await run({ StartAt: 'All', States })).toMatchObject({ output: {} });
});
