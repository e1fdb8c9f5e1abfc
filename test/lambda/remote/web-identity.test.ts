import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { text } from 'node:stream/consumers';
import { getWebIdentityToken } from '../../../lambda/remote/web-identity';
import { type BoundPort, bindPort } from '../../../local/emulator/services/port';

const AUDIENCE = 'https://vault.example.com';
const JWT = 'eyJh.eyJz.c2ln';
const soon = () => AbortSignal.timeout(10_000);

/** Errors and results as the model of STS in botocore has them. */
const refusal = (code: string): string =>
  `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>not quoted</Message></Error></ErrorResponse>`;
const result = (token: string): string =>
  `<GetWebIdentityTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetWebIdentityTokenResult><WebIdentityToken>${token}</WebIdentityToken><Expiration>2026-11-30T12:00:00Z</Expiration></GetWebIdentityTokenResult></GetWebIdentityTokenResponse>`;

describe('a web identity token of AWS STS', () => {
  let sts: BoundPort;
  /** the forms that were sent */
  let forms: URLSearchParams[];
  let respond: (form: URLSearchParams) => readonly [status: number, body: string];
  const environment = { ...process.env };
  beforeAll(async () => {
    sts = await bindPort();
    sts.attach((request, response) => {
      void text(request).then((sent) => {
        const form = new URLSearchParams(sent);
        forms.push(form);
        const [status, body] = respond(form);
        response.writeHead(status).end(body);
      });
    });
    Object.assign(process.env, {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'unused',
      AWS_ENDPOINT_URL_STS: sts.url,
    });
  });
  afterAll(async () => {
    await sts.close();
    process.env = environment;
  });
  beforeEach(() => {
    [forms, respond] = [[], () => [200, result(JWT)]];
  });

  test('is asked for with one audience, RS256 and 300 seconds', async () => {
    expect(await getWebIdentityToken(AUDIENCE, soon())).toBe(JWT);
    expect(forms.map((form) => Object.fromEntries(form))).toEqual([
      {
        Action: 'GetWebIdentityToken',
        Version: '2011-06-15',
        'Audience.member.1': AUDIENCE,
        SigningAlgorithm: 'RS256',
        DurationSeconds: '300',
      },
    ]);
  });

  test.each(['SessionDurationEscalationException', 'SessionDurationEscalation'])(
    'is asked for with 60 seconds after %s: the session of the role ends soon',
    async (code) => {
      respond = (form) => (form.get('DurationSeconds') === '300' ? [403, refusal(code)] : [200, result(JWT)]);

      expect(await getWebIdentityToken(AUDIENCE, soon())).toBe(JWT);
      expect(forms.map((form) => form.get('DurationSeconds'))).toEqual(['300', '60']);
    },
  );

  test('is unavailable if the session of the role ends before 60 seconds', async () => {
    respond = () => [403, refusal('SessionDurationEscalationException')];

    await expect(getWebIdentityToken(AUDIENCE, soon())).rejects.toThrowWithCode('KeyUnavailable');
    expect(forms).toHaveLength(2);
  });

  test.each(['OutboundWebIdentityFederationDisabledException', 'OutboundWebIdentityFederationDisabled'])(
    'is unavailable after %s, and the message names the switch',
    async (code) => {
      respond = () => [403, refusal(code)];

      const asked = getWebIdentityToken(AUDIENCE, soon());

      await expect(asked).rejects.toMatchObject({
        name: 'KeyUnavailable',
        message: 'expected outbound web identity federation to be on in the account, got it switched off',
      });
    },
  );

  test.each([
    [403, 'AccessDenied', 'KeyUnavailable'],
    [400, 'JWTPayloadSizeExceededException', 'KeyUnavailable'],
    [403, 'ExpiredToken', 'KeyUnavailable'],
    [400, 'Throttling', 'KeyThrottled'],
    [400, 'ThrottlingException', 'KeyThrottled'],
    [400, 'RequestLimitExceeded', 'KeyThrottled'],
    [400, 'ThrottlingNot', 'KeyUnavailable'],
    [500, 'InternalFailure', 'KeyUnreachable'],
  ] as const)('maps status %i and %s to %s, and quotes nothing', async (status, code, expected) => {
    respond = () => [status, refusal(code)];

    const refused: unknown = await getWebIdentityToken(AUDIENCE, soon()).catch((error: unknown) => error);

    expect(refused).toMatchObject({ name: expected, message: expect.not.stringContaining('quoted') });
  });

  test.each([
    ['no token', result('')],
    ['a token of two parts', result('eyJh.eyJz')],
    ['a token of two lines', result('eyJh.eyJz.c2\r\nln')],
    ['JSON', '{}'],
  ])('is refused if the response has %s', async (_what, body) => {
    respond = () => [200, body];

    await expect(getWebIdentityToken(AUDIENCE, soon())).rejects.toThrowWithCode('KeyUnreachable');
  });
});
