import { describe, expect, test } from '@jest/globals';
import { readWebhookRequest } from '../../../lambda/webhook/request';
import { gatewayEvent } from './receiver';

const SIGNED = { 'x-dynamic-signature-256': 'sha256=00', 'content-type': 'application/json' };

describe("API Gateway's event", () => {
  test.each([
    ['text', '{"note":"grüß €😀"}', Buffer.from('{"note":"grüß €😀"}')],
    ['bytes', Buffer.from([0, 0xff, 0xc3, 0x28]), Buffer.from([0, 0xff, 0xc3, 0x28])],
    ['no text', '', Buffer.alloc(0)],
    ['no bytes', Buffer.alloc(0), Buffer.alloc(0)],
    ['the most bytes', Buffer.alloc(65_536, 7), Buffer.alloc(65_536, 7)],
    ['the most text', 'x'.repeat(65_536), Buffer.alloc(65_536, 'x')],
  ])('with %s is read as the bytes that were sent', (_what, sent, body) => {
    expect(readWebhookRequest(gatewayEvent(sent, SIGNED))).toEqual({ body, signature: 'sha256=00' });
  });

  test('of a request without a body has none', () => {
    const { body } = readWebhookRequest({ version: '2.0', headers: SIGNED });

    expect(body).toEqual(Buffer.alloc(0));
  });

  test('of a request without a signature has none', () => {
    expect(readWebhookRequest(gatewayEvent('{}', {})).signature).toBeUndefined();
  });

  test.each([
    ['bytes', Buffer.alloc(65_537)],
    ['text', 'x'.repeat(65_537)],
    ['text of fewer characters', 'ä'.repeat(32_769)],
    ['text of six megabytes', 'x'.repeat(6_000_000)],
  ])('with too many %s is refused', (_what, body) => {
    expect(() => readWebhookRequest(gatewayEvent(body, SIGNED))).toThrowWithCode('PayloadTooLarge');
  });

  test.each(['AAA', 'AA==AA==', 'A A=', 'AB==', '-_8='])('with %j as base64 is refused', (body) => {
    const event = { ...gatewayEvent('', SIGNED), body, isBase64Encoded: true };

    expect(() => readWebhookRequest(event)).toThrowWithCode('InvalidRequest');
  });

  test('with half a surrogate pair, which no bytes decode to, is refused', () => {
    expect(() => readWebhookRequest(gatewayEvent('\ud83d', SIGNED))).toThrowWithCode('InvalidRequest');
  });

  const sent = gatewayEvent('{}', SIGNED);

  test.each<[string, unknown]>([
    ['null', null],
    ['a text', 'hunter2'],
    ['an empty object', {}],
    ['of payload 1.0', { ...sent, version: '1.0' }],
    ['without headers', { ...sent, headers: undefined }],
    ['whose headers are a text', { ...sent, headers: 'hunter2' }],
    ['with a signature of several values', { ...sent, headers: { 'x-dynamic-signature-256': ['hunter2'] } }],
    ['with a body of bytes', { ...sent, body: Buffer.from('{}') }],
    ['that does not say how its body is encoded', { ...sent, isBase64Encoded: 'no' }],
  ])('is refused if it is none: %s', (_what, event) => {
    const read = () => readWebhookRequest(event);

    expect(read).toThrowWithCode('InvalidRequest');
    expect(read).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }));
  });
});
