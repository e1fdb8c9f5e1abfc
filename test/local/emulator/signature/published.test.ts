import { describe, expect, test } from '@jest/globals';
import { verifyRequest } from '../../../../local/emulator/signature';
import { PRINCIPAL } from './support';

/**
 * Requests and signatures that AWS published for implementations of Signature Version 4, with its example key pair and
 * date. The received texts are byte strings.
 */
const KEY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  principal: PRINCIPAL,
};
const HOST = ['Host', 'example.amazonaws.com'];
const DATE = ['X-Amz-Date', '20150830T123600Z'];
const UNRESERVED = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const FORM = 'application/x-www-form-urlencoded';
const wire = (text: string) => Buffer.from(text).toString('latin1');

interface Vector {
  readonly method?: string;
  readonly url?: string;
  /** in addition to host and date */
  readonly headers?: readonly string[];
  readonly signed?: string;
  readonly body?: string;
  readonly signature: string;
}

const VANILLA = '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31';
const VECTORS: readonly (readonly [string, Vector])[] = [
  ['get-vanilla', { signature: VANILLA }],
  ['get-slash', { url: '//', signature: VANILLA }],
  ['get-slash-dot-slash', { url: '/./', signature: VANILLA }],
  ['get-relative', { url: '/example/..', signature: VANILLA }],
  ['get-relative-relative', { url: '/example1/example2/../..', signature: VANILLA }],
  [
    'get-slashes',
    { url: '//example//', signature: '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84' },
  ],
  [
    'get-slash-pointless-dot',
    { url: '/./example', signature: 'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5' },
  ],
  ['get-utf8', { url: wire('/ሴ'), signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85' }],
  [
    'get-space',
    { url: '/example space/', signature: '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741' },
  ],
  [
    'get-unreserved',
    { url: `/${UNRESERVED}`, signature: '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f' },
  ],
  [
    'get-vanilla-query-order-key-case',
    {
      url: '/?Param2=value2&Param1=value1',
      signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    },
  ],
  [
    'get-vanilla-empty-query-key',
    { url: '/?Param1=value1', signature: 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb' },
  ],
  [
    'get-vanilla-query-unreserved',
    {
      url: `/?${UNRESERVED}=${UNRESERVED}`,
      signature: '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
    },
  ],
  [
    'get-vanilla-utf8-query',
    { url: wire('/?ሴ=bar'), signature: '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04' },
  ],
  [
    'get-header-key-duplicate',
    {
      headers: ['My-Header1', 'value2', 'My-Header1', 'value2', 'My-Header1', 'value1'],
      signed: 'host;my-header1;x-amz-date',
      signature: 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
    },
  ],
  [
    'get-header-value-order',
    {
      headers: ['My-Header1', 'value4', 'My-Header1', 'value1', 'My-Header1', 'value3', 'My-Header1', 'value2'],
      signed: 'host;my-header1;x-amz-date',
      signature: '08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01',
    },
  ],
  [
    'get-header-value-trim',
    {
      headers: ['My-Header1', ' value1', 'My-Header2', ' "a   b   c"'],
      signed: 'host;my-header1;my-header2;x-amz-date',
      signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    },
  ],
  ['post-vanilla', { method: 'POST', signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b' }],
  [
    'post-vanilla-query',
    {
      method: 'POST',
      url: '/?Param1=value1',
      signature: '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
    },
  ],
  [
    'post-x-www-form-urlencoded',
    {
      method: 'POST',
      headers: ['Content-Type', FORM],
      signed: 'content-type;host;x-amz-date',
      body: 'Param1=value1',
      signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    },
  ],
  [
    'post-x-www-form-urlencoded-parameters',
    {
      method: 'POST',
      headers: ['Content-Type', `${FORM}; charset=utf8`],
      signed: 'content-type;host;x-amz-date',
      body: 'Param1=value1',
      signature: '1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe',
    },
  ],
];

function verify({ method = 'GET', url = '/', headers = [], signed = 'host;x-amz-date', body = '', signature }: Vector) {
  const scope = 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${signed}, Signature=${signature}`;
  const rawHeaders = [...HOST, ...DATE, ...headers, 'Authorization', authorization];
  return verifyRequest({ method, url, rawHeaders }, Buffer.from(body), {
    credentials: { find: (id) => (id === KEY.accessKeyId ? KEY : undefined) },
    region: 'us-east-1',
    service: 'service',
    protocol: 'json',
    now: () => Date.UTC(2015, 7, 30, 12, 36),
  });
}

describe('a published request', () => {
  test.each(VECTORS)('%s is verified', (_name, vector) => {
    expect(verify(vector)).toBe(KEY);
  });

  test.each(VECTORS)('%s is refused with another method, path, query or body', (_name, vector) => {
    const { url = '/', method = 'GET', body = '' } = vector;
    const others = [{ method: `${method}X` }, { url: `/x${url}` }, { url: `${url}?x=1` }, { body: `${body}x` }];

    const attempts = others.map((other) => () => verify({ ...vector, ...other }));

    expect.assertions(others.length);
    attempts.forEach((attempt) => expect(attempt).toThrowWithCode('InvalidSignatureException'));
  });
});
