import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { inspect } from 'node:util';
import { Fault } from './support/fault';
import { REASON, sealInput, unsealInput } from './support/inputs';
import { client, useFakeVault, vault } from './support/use-fake-vault';

useFakeVault();

const exporter = new InMemorySpanExporter();
beforeAll(() => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
});
beforeEach(() => exporter.reset());
afterAll(() => trace.disable());

const spans = () => exporter.getFinishedSpans().map(({ name, attributes, status, kind }) => ({ name, attributes, status, kind })); // prettier-ignore

describe('with a tracer whose span processor throws', () => {
  const broken = (at: 'onStart' | 'onEnd'): SpanProcessor => ({
    onStart: () => at === 'onStart' && fail(),
    onEnd: () => at === 'onEnd' && fail(),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  });
  const fail = (): never => {
    throw new Error('of the tracer');
  };
  const use = (spanProcessors: SpanProcessor[]) => {
    trace.disable();
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
  };
  afterEach(() => {
    use([new SimpleSpanProcessor(exporter)]);
  });

  test.each(['onStart', 'onEnd'] as const)('in %s, a call returns its result, or throws its own error', async (at) => {
    use([broken(at)]);
    const input = sealInput();

    await client.seal(input);
    using record = await client.unseal(unsealInput(input));
    const missing = client.unseal(unsealInput(sealInput()));

    expect(record.delegatedShare).toHaveLength(610);
    await expect(missing).rejects.toThrowWithCode('NotFound');
  });
});

describe('with OpenTelemetry, a call', () => {
  test('is a span with its operation, its actor, its attempts and its request id', async () => {
    vault.troubles.push({ fault: new Fault('KeyThrottled', 'try again') });

    await client.seal(sealInput());

    expect(spans()).toEqual([
      {
        name: 'share_vault.seal',
        kind: 2,
        status: { code: 0 },
        attributes: {
          'rpc.system': 'aws-api',
          'rpc.service': 'Lambda',
          'rpc.method': 'Invoke',
          'share_vault.operation': 'seal',
          'share_vault.environment': 'dev',
          'share_vault.actor': 'signer',
          'share_vault.attempts': 2,
          'aws.request_id': expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      },
    ]);
  });

  test('that fails has its code and no message', async () => {
    await expect(client.unseal(unsealInput(sealInput()))).rejects.toThrowWithCode('NotFound');

    expect(spans()).toMatchObject([
      {
        name: 'share_vault.unseal',
        status: { code: 2 },
        attributes: { 'share_vault.code': 'NotFound', 'share_vault.attempts': 1, 'aws.request_id': expect.any(String) },
      },
    ]);
    expect(exporter.getFinishedSpans()[0]?.events).toEqual([]);
  });

  test('has no value of its input or of its response in its span', async () => {
    const input = sealInput({ userId: 'user-of-the-test', walletProperties: 'properties of the test' });
    const { recordId } = await client.seal(input, { idempotencyKey: 'key-of-the-test-1' });
    using record = await client.unseal(unsealInput(input));

    const shown = inspect(exporter.getFinishedSpans(), { depth: 20 });

    expect(record.recordId).toBe(recordId);
    expect(shown).toContain('share_vault.unseal');
    const values = [input.walletId, recordId, REASON, 'of-the-test', 'of the test', '0x2b', 'EVM'];
    expect(values.filter((value) => shown.includes(value))).toEqual([]);
  });
});
