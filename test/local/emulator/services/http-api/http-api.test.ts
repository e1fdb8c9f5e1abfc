import { describe, expect, test } from '@jest/globals';
import { LambdaError } from '../../../../../local/emulator/services/functions/errors';
import { send, startApi } from './support';

const JSON_TYPE = { 'content-type': 'application/json' };
const OK = { statusCode: 200, body: 'ok' };

/** Returns the event's body as bytes, and its encoding. */
async function delivered(headers: Record<string, string>, body: Buffer): Promise<unknown> {
  await using running = await startApi(OK);
  await send(`${running.api.url}/hook`, { headers }, body);
  const { body: text, isBase64Encoded } = running.invoked[0]?.event ?? {};
  return { text, isBase64Encoded };
}

describe('the event of an HTTP API', () => {
  test('is payload format 2.0, through the alias of the route', async () => {
    await using running = await startApi(OK);

    await send(`${running.api.url}/hook?a=1&b`, { headers: { 'Content-Type': 'text/plain', 'X-Sent': 'Yes' } }, Buffer.from('hi')); // prettier-ignore

    expect(running.invoked).toMatchObject([
      {
        functionName: 'receive',
        alias: 'live',
        event: {
          version: '2.0',
          routeKey: 'POST /hook',
          rawPath: '/hook',
          rawQueryString: 'a=1&b',
          headers: { 'content-type': 'text/plain', 'x-sent': 'Yes' },
          requestContext: { stage: '$default', http: { method: 'POST', path: '/hook', sourceIp: '127.0.0.1' } },
          body: 'hi',
          isBase64Encoded: false,
        },
      },
    ]);
  });

  test('joins headers of one name', async () => {
    await using running = await startApi(OK);

    await send(`${running.api.url}/hook`, { headers: { 'x-many': ['a', 'b'] } });

    expect(running.invoked[0]?.event).toMatchObject({ headers: { 'x-many': expect.stringMatching(/^a, ?b$/) } });
  });

  test.each([
    ['application/json', 'für'],
    ['application/json; charset=utf-8', '{}'],
    ['application/cloudevents+json', '{}'],
    ['text/plain', '\ufeff with a byte order mark'],
  ])('is text if the type, %s, and the bytes are text', async (type, text) => {
    expect(await delivered({ 'content-type': type }, Buffer.from(text))).toEqual({ text, isBase64Encoded: false });
  });

  test.each([
    ['another type', { 'content-type': 'application/octet-stream' }, Buffer.from('{}')],
    ['no type', {}, Buffer.from('{}')],
    ['bytes that are no UTF-8', JSON_TYPE, Buffer.from([0x22, 0xc3, 0x28, 0x22])],
  ])('is base64 with %s', async (_what, headers, bytes) => {
    expect(await delivered(headers, bytes)).toEqual({ text: bytes.toString('base64'), isBase64Encoded: true });
  });

  test('has no body if the request has none', async () => {
    expect(await delivered(JSON_TYPE, Buffer.alloc(0))).toEqual({ text: undefined, isBase64Encoded: false });
  });
});

describe('the response of an HTTP API', () => {
  test.each([
    ['text', { statusCode: 401, headers: { 'x-said': 'no' }, body: '{"code":"x"}' }],
    ['base64', { statusCode: 401, headers: { 'x-said': 'no' }, body: 'eyJjb2RlIjoieCJ9', isBase64Encoded: true }],
  ])("is the function's status, headers and body (%s)", async (_how, returned) => {
    await using running = await startApi(returned);

    const { status, headers, body } = await send(`${running.api.url}/hook`, {});

    expect({ status, said: headers['x-said'], body }).toEqual({ status: 401, said: 'no', body: '{"code":"x"}' });
  });

  test.each([
    ['a function that failed', { errorType: 'Error' }, true, 500],
    ['a result that is no HTTP response', { hello: 'world' }, false, 500],
    ['a status that is none', { statusCode: 42 }, false, 500],
    ['no process free', new LambdaError('TooManyRequestsException', 'Rate Exceeded.'), false, 503],
    ['an unknown function', new LambdaError('ResourceNotFoundException', 'Function not found'), false, 500],
    ['an event too large for Lambda', new LambdaError('RequestTooLargeException', 'too large'), false, 413],
  ])('to %s is its own message', async (_what, returned, functionError, expected) => {
    await using running = await startApi(returned, functionError);

    const { status, body } = await send(`${running.api.url}/hook`, {});

    expect(status).toBe(expected);
    expect(JSON.parse(body)).toEqual({ message: expect.any(String) });
  });

  test.each([
    ['another method', { method: 'GET' }, '/hook'],
    ['another method that has a body', { method: 'PUT' }, '/hook'],
    ['another path', {}, '/hook/'],
    ['another spelling', {}, '/Hook'],
    ['the root', {}, '/'],
  ])('to %s is 404, and the function is not invoked', async (_what, options, path) => {
    await using running = await startApi(OK);

    expect((await send(`${running.api.url}${path}`, options)).status).toBe(404);
    expect(running.invoked).toEqual([]);
  });

  test('to more than 10 MB is 413, and the function is not invoked', async () => {
    await using running = await startApi(OK);
    const limit = 10 * 1024 * 1024;

    expect((await send(`${running.api.url}/hook`, {}, Buffer.alloc(limit))).status).toBe(200);
    expect((await send(`${running.api.url}/hook`, {}, Buffer.alloc(limit + 1))).status).toBe(413);
    expect(running.invoked).toHaveLength(1);
  });
});
