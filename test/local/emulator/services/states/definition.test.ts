import { describe, expect, test } from '@jest/globals';
import { readMachine } from '../../../../../local/emulator/services/states';
import { taskMachine } from './support';

const done = { Type: 'Succeed' };
const machineOf = (state: object) => ({ StartAt: 'A', States: { A: state, Done: done } });

describe('a definition', () => {
  test.each([
    ['a state of another type', machineOf({ Type: 'Map', End: true }), 'States.A.Type: expected '],
    [
      'a task that invokes no function',
      taskMachine({ Resource: 'arn:aws:states:::sqs:sendMessage' }),
      'States.Work.Resource: expected the task lambda:invoke',
    ],
    [
      'a task that waits for a token',
      taskMachine({ Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken' }),
      'States.Work.Resource',
    ],
    ['a function by a path', taskMachine({ Parameters: { 'FunctionName.$': '$.f' } }), 'States.Work.Parameters'],
    [
      'an asynchronous invocation',
      taskMachine({ Parameters: { FunctionName: 'f', InvocationType: 'Event' } }),
      'States.Work.Parameters.InvocationType',
    ],
    [
      'a field that does not run here',
      taskMachine({ HeartbeatSeconds: 3 }),
      'States.Work.HeartbeatSeconds: expected no such field',
    ],
    ['variables', taskMachine({ Assign: { a: 1 } }), 'States.Work.Assign: expected no such field'],
    ['JSONata', { ...taskMachine({}), QueryLanguage: 'JSONata' }, 'QueryLanguage'],
    [
      'an intrinsic function',
      taskMachine({ ResultSelector: { 'a.$': "States.Format('{}', $.b)" } }),
      'States.Work.ResultSelector: expected paths',
    ],
    ['a path with a filter', taskMachine({ InputPath: '$.list[?(@.a)]' }), 'States.Work.InputPath: expected a path'],
    ['a path with a wildcard', taskMachine({ InputPath: '$..a' }), 'States.Work.InputPath: expected a path'],
    [
      'a result path into the context',
      taskMachine({ ResultPath: '$$.Execution' }),
      'States.Work.ResultPath: expected a path of names',
    ],
    ['a wait until a time', machineOf({ Type: 'Wait', Timestamp: '2026-01-01T00:00:00Z', Next: 'Done' }), 'States.A.'],
    ['a wait of a fraction', machineOf({ Type: 'Wait', Seconds: 0.5, Next: 'Done' }), 'States.A.Seconds'],
    [
      'a comparison that does not run here',
      machineOf({ Type: 'Choice', Choices: [{ Variable: '$.a', StringMatches: 'a*', Next: 'Done' }] }),
      'States.A.Choices.0',
    ],
    [
      'a rule with two comparisons',
      machineOf({ Type: 'Choice', Choices: [{ Variable: '$.a', StringEquals: 'a', IsPresent: true, Next: 'Done' }] }),
      'States.A.Choices.0: expected one comparison',
    ],
    [
      'a nested rule that leads to a state',
      machineOf({
        Type: 'Choice',
        Choices: [{ Not: { Variable: '$.a', IsPresent: true, Next: 'Done' }, Next: 'Done' }],
      }),
      'States.A.Choices.0.Not.Next',
    ],
    [
      'States.ALL beside another name',
      taskMachine({ Retry: [{ ErrorEquals: ['States.ALL', 'A'] }] }),
      'States.Work.Retry.0.ErrorEquals: expected States.ALL as the only name',
    ],
    [
      'States.ALL before another retrier',
      taskMachine({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }] }),
      'States.Work.Retry: expected States.ALL last',
    ],
    ...['States.NoChoiceMatched', 'States.ParameterPathFailure'].map((name): [string, object, string] => [
      `${name}, which no state was seen to fail with`,
      taskMachine({ Catch: [{ ErrorEquals: [name], Next: 'Work' }] }),
      'States.Work.Catch.0.ErrorEquals.0',
    ]),
    [
      'an error that no state has',
      taskMachine({ Retry: [{ ErrorEquals: ['States.Http.Socket'] }] }),
      'States.Work.Retry.0.ErrorEquals.0',
    ],
    [
      'a delay that shrinks',
      taskMachine({ Retry: [{ ErrorEquals: ['A'], BackoffRate: 0.5 }] }),
      'States.Work.Retry.0.BackoffRate',
    ],
    ['a start that is no state', { StartAt: 'B', States: { A: done } }, 'States: StartAt: expected a state, got none'],
    [
      'a next state that does not exist',
      machineOf({ Type: 'Pass', Next: 'B' }),
      'States.A: expected a state, got none',
    ],
    ['a state without an end', machineOf({ Type: 'Pass' }), 'States.A: expected a state, got none'],
    [
      'a state with two ends',
      machineOf({ Type: 'Pass', Next: 'Done', End: true }),
      'States.A: expected Next or End, got both',
    ],
    [
      'a catcher that leads to nothing',
      taskMachine({ Catch: [{ ErrorEquals: ['A'], Next: 'B' }] }),
      'States.Work: expected a state, got none',
    ],
    [
      'a branch that leads out of it',
      machineOf({
        Type: 'Parallel',
        Branches: [{ StartAt: 'P', States: { P: { Type: 'Pass', Next: 'Done' } } }],
        End: true,
      }),
      'States.A.Branches.0.States.P: expected a state, got none',
    ],
    [
      'two states of one name',
      machineOf({ Type: 'Parallel', Branches: [{ StartAt: 'Done', States: { Done: done } }], End: true }),
      'States: expected each name once, got Done twice',
    ],
  ])('with %s is refused, with the path to it', (_, definition, message) => {
    expect(() => readMachine(definition)).toThrow(message);
  });

  test('in the form that the CDK writes is accepted', () => {
    const Retry = [
      {
        ErrorEquals: ['Lambda.ClientExecutionTimeoutException', 'Lambda.ServiceException', 'Lambda.SdkClientException'],
        ...{ IntervalSeconds: 2, MaxAttempts: 6, BackoffRate: 2 },
      },
    ];
    const definition = taskMachine({ Retry, OutputPath: '$.Payload', Comment: 'a step', QueryLanguage: 'JSONPath' });

    expect(readMachine({ ...definition, TimeoutSeconds: 60, Version: '1.0' }).StartAt).toBe('Work');
  });
});
