import { expect, test } from '@jest/globals';
import { compile } from './compile';

const RIGHT = `import { type KeyObject, generateKeyPairSync } from 'node:crypto';
import { SSM } from '@aws-sdk/client-ssm';
import { type SealResponse, ShareVaultClient, ShareVaultError, fetchIntakeKeys } from '@cdk-share-vault/client';
const functions = { seal: 'name', unseal: 'name' };
const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const make = (key: KeyObject | string): ShareVaultClient =>
  new ShareVaultClient({ environment: 'prod', actor: 'signer', functions, intakeKeys: [{ kid: 'a', publicKey: key }] });
export const ofJwk = { kid: 'a', publicKey: publicKey.export({ format: 'jwk' }) };
export const lazy = new ShareVaultClient({
  environment: 'prod', actor: 'signer', functions, intakeKeys: () => fetchIntakeKeys({ keys: { a: 'arn' }, functions }),
});
export async function open(walletId: string): Promise<number> {
  const vault = await ShareVaultClient.fromEnvironment({ environment: 'prod', actor: 'signer', ssm: new SSM({}) });
  using record = await vault.unseal({ kind: 'delegated-share', walletId, chain: 'EVM', reason: 'test' });
  return record.delegatedShare.length;
}
export const codeOf = (error: unknown) => (error instanceof ShareVaultError ? error.code : undefined);
new ShareVaultClient({ environment: 'prod', actor: 'signer', functions, intakeKeys: [ofJwk] });
export const recordOf = ({ recordId }: SealResponse): string => recordId;
`;
const WRONG = [
  `import type { IntakeKeyOption, SealResponse } from '@cdk-share-vault/client';`,
  `export const number: IntakeKeyOption = { kid: 'a', publicKey: 42 };`,
  `export const list: IntakeKeyOption = { kid: 'a', publicKey: ['a'] };`,
  `export const wrong = (response: SealResponse): unknown => response.nothing;`,
];

/** Tests the declarations of the client's package, installed in a project, with the compiler's checks of libraries on. */
export function testClientTypes(projectOf: () => string): void {
  test.each(['types-node-22', '@types/node', 'types-node-26'])(
    'has types that a strict compiler accepts with %s, and that refuse wrong values',
    (typesOfNode) => {
      const errors = compile(projectOf(), typesOfNode, { 'right.mts': RIGHT, 'wrong.mts': WRONG.join('\n') });

      expect(errors).toEqual([
        expect.stringMatching(/^wrong\.mts\(2,\d+\): error TS\d+: Type 'number'/),
        expect.stringMatching(/^wrong\.mts\(3,\d+\): error TS\d+: Type 'string\[\]'/),
        expect.stringMatching(/^wrong\.mts\(4,\d+\): error TS2339: Property 'nothing'/),
      ]);
    },
  );
}
