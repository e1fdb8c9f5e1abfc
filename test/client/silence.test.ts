import { afterAll, expect, jest, test } from '@jest/globals';
import { Fault } from './support/fault';
import { sealInput, unsealInput } from './support/inputs';
import { useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();
afterAll(() => {
  jest.restoreAllMocks();
});

test('the client writes nothing to any output, whether calls succeed or fail', async () => {
  const written: unknown[] = [];
  const keep = (line: unknown) => written.push(line);
  const streams = [process.stdout, process.stderr].map((stream) =>
    jest.spyOn(stream, 'write').mockImplementation((chunk) => keep(chunk) > 0),
  );
  const levels = (['debug', 'log', 'info', 'warn', 'error', 'trace'] as const).map((level) =>
    jest.spyOn(console, level).mockImplementation(keep),
  );
  process.on('warning', keep);
  const client = vault.client();
  const input = sealInput();

  await client.seal(input);
  vault.troubles.push({ drop: 'after' }, { fault: new Fault('KeyThrottled', 'try again') });
  using record = await client.unseal(unsealInput(input));
  vault.troubles.push({ response: () => 'no JSON' });
  await client.unseal(unsealInput(input)).catch(() => undefined);
  vault.troubles.push({ reply: { status: 403, body: '{}', errorType: 'AccessDeniedException' } });
  await client.records(input).catch(() => undefined);
  process.off('warning', keep);

  expect(record.accessCount).toBe(2);
  expect(written).toEqual([]);
  // the spies do record output
  process.stdout.write('heard');
  const { warn } = console;
  warn('heard');
  expect(written).toEqual(['heard', 'heard']);
  [...streams, ...levels].forEach((spy) => spy.mockRestore());
});
