import { expect, test } from '@jest/globals';
import { awsActions, callContext, decide } from '../../../../local/emulator/authorization';
import { ACCOUNT, CALLER, REGION, on, policy, under } from './support';

const AUDIENCE = 'https://vault.example.com';
const ASKED = { Audience: [AUDIENCE], DurationSeconds: 300, SigningAlgorithm: 'RS256' };
const identity = [
  policy(
    'Token',
    on('sts:GetWebIdentityToken', {
      Condition: {
        'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': AUDIENCE },
        Null: { 'sts:IdentityTokenAudience': 'false' },
        NumericLessThanEquals: { 'sts:DurationSeconds': '300' },
        StringEquals: { 'sts:SigningAlgorithm': 'RS256' },
      },
    }),
  ),
];

const allowed = async (input: object) => {
  const place = { account: ACCOUNT, region: REGION };
  const [call] = awsActions('sts', 'GetWebIdentityToken', input, place);
  const { action = '', resource = '', facts } = call ?? {};
  const context = callContext({ principal: CALLER, action, region: REGION, input: facts });
  return (await decide({ principal: CALLER, action, resource, context }, under({ identity }))).allowed;
};

test.each([300, 60])('the policy of keys elsewhere allows a token of %i seconds for its audience', async (seconds) => {
  expect(await allowed({ ...ASKED, DurationSeconds: seconds })).toBe(true);
});

test.each<[string, object]>([
  ['for another audience', { Audience: ['https://other.example.com'] }],
  ['for a second audience too', { Audience: [AUDIENCE, 'https://other.example.com'] }],
  ['for no audience', { Audience: [] }],
  ['of 301 seconds', { DurationSeconds: 301 }],
  // compared as numbers: as texts, 1000 would come before 300
  ['of 1000 seconds', { DurationSeconds: 1000 }],
  ['of a duration that is not sent', { DurationSeconds: undefined }],
  ['with another algorithm', { SigningAlgorithm: 'ES384' }],
  ['with an algorithm that is not sent', { SigningAlgorithm: undefined }],
])('the policy of keys elsewhere refuses a token %s', async (_what, changed) => {
  expect(await allowed({ ...ASKED, ...changed })).toBe(false);
});
