import { expect } from '@jest/globals';
import { DecryptCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Deployed } from '../../../../local/emulator/deploy';
import type { Credentials } from '../../../../local/emulator/services/functions/environment';
import { AUDIT, as } from './support';

export const CONTEXT = { environment: 'dev', record: 'r', field: 'delegated_share', chain: 'EVM', owner: 'o' };
export const CIPHERTEXT = Buffer.alloc(512, 1);

export const decrypt = (KeyId: string): DecryptCommand =>
  new DecryptCommand({ KeyId, CiphertextBlob: CIPHERTEXT, EncryptionContext: CONTEXT });

export const generate = (KeyId: string): GenerateDataKeyCommand =>
  new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext: CONTEXT });

/** Invokes a function with the request of an auditor. */
export const invokeAs = (vault: Deployed, credentials: Credentials, name: string, Qualifier?: string) =>
  new LambdaClient(as(vault, credentials)).send(
    new InvokeCommand({ FunctionName: `share-vault-dev-${name}`, Qualifier, Payload: JSON.stringify(AUDIT) }),
  );

/** The errors of a call that no policy allows, from each service. */
export const REFUSED_BY_LAMBDA = { name: 'AccessDeniedException', $metadata: { httpStatusCode: 403 } };
export const REFUSED_BY_KEY = {
  name: 'AccessDeniedException',
  message: expect.stringContaining('because no resource-based policy allows the kms:Decrypt action'),
};

/** A policy that allows nothing. */
const CLOSED = { Version: '2012-10-17', Statement: [] };

/** Gives every VPC endpoint of a template a policy that allows nothing. */
export function closeEndpoints(template: object): void {
  const { Resources } = template as { Resources: Record<string, { Type: string; Properties: object }> };
  const endpoints = Object.values(Resources).filter(({ Type }) => Type === 'AWS::EC2::VPCEndpoint');
  for (const { Properties } of endpoints) Object.assign(Properties, { PolicyDocument: CLOSED });
}

/** Lets a client change the body of each request after it signed it. */
export function changeAfterSigning(client: SSMClient, change: (body: string) => string): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: Uint8Array };
      request.body = Buffer.from(change(new TextDecoder().decode(request.body)));
      return next(args);
    },
    { step: 'deserialize', priority: 'low' },
  );
}
