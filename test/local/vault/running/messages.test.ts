import { expect, test } from '@jest/globals';
import * as v from 'valibot';
import { OPTIONS } from '../../../../local/vault/running/messages';

test('each option of startLocalVault that is no function reaches the process that runs the vault', () => {
  const options = {
    ...{
      template: 'a',
      app: 'b',
      stacks: ['c'],
      parameters: { d: 'e' },
      ssmParameters: { f: 'g' },
      secrets: { h: 'i' },
    },
    ...{ dataDir: 'j', port: 1, webhookPort: 2, longestWaitSeconds: 0.5, authorization: false },
  };

  expect(v.parse(OPTIONS, options)).toEqual(options);
});
