type State = Readonly<Record<string, unknown>>;
interface Retrier {
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
}

/** What a call of an AWS service takes at most: an assumption, since Step Functions states none. */
const CALL_SECONDS = 10;

/**
 * Returns a bound of the seconds that an execution of a state machine takes: all states together, as if each call failed
 * as often as its retriers allow, and each state of a loop ran once more than the loop's counter allows.
 */
export function longestRun(states: Readonly<Record<string, State>>, looks: number): number {
  const names = Object.keys(states);
  return names.reduce((sum, name) => {
    const times = reachableFrom(nextOf(states[name]), states).has(name) ? looks + 1 : 1;
    return sum + times * secondsOf(states[name] ?? {});
  }, 0);
}

function secondsOf({ Type, Seconds, Retry, TimeoutSeconds }: State): number {
  if (Type === 'Wait') return Number(Seconds);
  if (Type !== 'Task') return 0;
  const retriers = (Retry ?? []) as readonly Retrier[];
  const attempts = retriers.reduce((sum, { MaxAttempts = 3 }) => sum + MaxAttempts, 1);
  const pauses = retriers.map(({ IntervalSeconds = 1, MaxAttempts = 3, BackoffRate = 2 }) =>
    Array.from({ length: MaxAttempts }, (_, at) => IntervalSeconds * BackoffRate ** at).reduce((sum, s) => sum + s, 0),
  );
  return attempts * Number(TimeoutSeconds ?? CALL_SECONDS) + pauses.reduce((sum, each) => sum + each, 0);
}

function nextOf(state: State = {}): readonly string[] {
  const branches = [state.Choices, state.Catch].flatMap((each) => (each ?? []) as readonly State[]);
  return [state.Next, state.Default, ...branches.map(({ Next }) => Next)].filter((name) => typeof name === 'string');
}

function reachableFrom(start: readonly string[], states: Readonly<Record<string, State>>): ReadonlySet<string> {
  const found = new Set(start);
  for (const name of found) for (const next of nextOf(states[name])) found.add(next);
  return found;
}
