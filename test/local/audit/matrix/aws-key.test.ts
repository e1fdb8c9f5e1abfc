import { describe, expect, test } from '@jest/globals';
import { Policy } from '../../../../local/emulator/authorization';
import { type Request, verdict } from '../../../../local/audit/matrix/cell';
import { ACCOUNT, arn, REGION } from '../../../../local/audit/matrix/place';
import { functionRoles, type Principal } from '../../../../local/audit/matrix/principals';
import { matrixVault } from './vault-app';

const VIA_SECRETS_MANAGER = {
  'kms:CallerAccount': ACCOUNT,
  'kms:ViaService': `secretsmanager.${REGION}.amazonaws.com`,
};

/** The policy of `aws/secretsmanager` by AWS, which is fixed: a principal that may read a secret may use the key. */
const AWS_KEY = Policy.read('aws/secretsmanager', {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: 'kms:Decrypt',
      Resource: '*',
      Condition: { StringEquals: VIA_SECRETS_MANAGER },
    },
  ],
});

/** The key's use for a secret that was made without a key of its own, such as one with an existing private key. */
function decrypt(context: Readonly<Record<string, string | undefined>>): Request {
  return {
    name: 'kms:Decrypt aws/secretsmanager',
    action: 'kms:Decrypt',
    resource: arn('kms', 'key/00000000-0000-4000-8000-000000000000'),
    context: { ...VIA_SECRETS_MANAGER, ...context },
    resourcePolicy: AWS_KEY,
  };
}

const vault = matrixVault('prod');

function receive(): Principal {
  const role = functionRoles(vault).find(({ name }) => name === 'receive');
  if (!role) throw new Error('expected the role of receive, got none');
  return role;
}

describe("a secret under AWS's own key", () => {
  test('opens to the receive role through Secrets Manager, whether or not that says for which function', async () => {
    const through = { 'aws:ViaAWSService': 'true' };

    expect(await verdict(decrypt({ ...through, 'lambda:SourceFunctionArn': undefined }), receive())).toBe('allow');
    expect(await verdict(decrypt(through), receive())).toBe('allow');
  });

  test.each(['false', undefined])(
    'stays shut to its credentials elsewhere, called through a service: %s',
    async (via) => {
      const elsewhere = { 'aws:ViaAWSService': via, 'lambda:SourceFunctionArn': undefined };

      expect(await verdict(decrypt(elsewhere), receive())).toBe('deny');
    },
  );
});
