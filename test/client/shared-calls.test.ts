import { expect, test } from '@jest/globals';
import { type SharedCall, SharedCalls } from '../../client/shared-calls';

const aborted = () => {
  const controller = new AbortController();
  controller.abort(new Error('no longer needed'));
  return controller.signal;
};

/** A call that ends with its signal. */
const untilAborted = ({ signal }: SharedCall) =>
  new Promise<string>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve('aborted');
    });
  });

test('a shared call is aborted with its last caller, and not before', async () => {
  const calls = new SharedCalls<string>();
  const signals: AbortSignal[] = [];
  const start = (call: SharedCall) => {
    signals.push(call.signal);
    return untilAborted(call);
  };
  const [first, second] = [new AbortController(), new AbortController()];
  const joined = [first, second].map(({ signal }) => calls.join('key', start, signal));
  await Promise.resolve();

  first.abort();
  await expect(joined[0]).rejects.toThrow('aborted');
  expect(signals.map((signal) => signal.aborted)).toEqual([false]);

  second.abort();
  await expect(joined[1]).rejects.toThrow('aborted');
  expect(signals.map((signal) => signal.aborted)).toEqual([true]);
});

test('a caller whose signal is aborted already starts no call that another one would join', async () => {
  const calls = new SharedCalls<string>();
  const late = calls.join('key', untilAborted, aborted());

  await expect(late).rejects.toThrow('no longer needed');

  expect(await calls.join('key', () => Promise.resolve('done'), undefined)).toBe('done');
});

test.each([0, 1, 2, 3, 4, 5, 6])(
  'a caller that comes %d microtasks after the last one aborted does not get its abort',
  async (microtasks) => {
    const calls = new SharedCalls<string>();
    const first = new AbortController();
    const left = calls.join('key', untilAborted, first.signal);
    left.catch(() => undefined);
    await new Promise(setImmediate);
    first.abort();
    for (let i = 0; i < microtasks; i += 1) await Promise.resolve();

    const next = new AbortController();
    const joined = calls.join('key', ({ signal }) => Promise.resolve(signal.aborted ? 'aborted' : 'done'), next.signal);

    await expect(Promise.race([joined, new Promise((resolve) => setTimeout(resolve, 50, 'waits'))])).resolves.not.toBe('aborted'); // prettier-ignore
  },
);

test('a shared call is current until another takes its place or it is forgotten', async () => {
  const calls = new SharedCalls<boolean>();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const later = async ({ isCurrent }: SharedCall) => {
    await promise;
    return isCurrent();
  };

  const replaced = calls.join('a', later, undefined);
  const current = calls.restart('a', later, undefined);
  const forgotten = calls.join('b', later, undefined);
  calls.forget('b');
  resolve(undefined);

  expect(await Promise.all([replaced, current, forgotten])).toEqual([false, true, false]);
});

test('a failure without callers is no unhandled rejection', async () => {
  const calls = new SharedCalls<string>();
  const unhandled: unknown[] = [];
  const keep = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', keep);

  const abandoned = calls.join('key', () => Promise.reject(new Error('late')), aborted());

  await expect(abandoned).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off('unhandledRejection', keep);
  expect(unhandled).toEqual([]);
});
