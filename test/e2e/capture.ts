import type { InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import type { SealResponse } from '../../lambda/contract/responses';
import type { SealRequestOf } from '../../lambda/contract/requests';
import type { LocalVault } from '../../local/vault';
import { type TestWallet, invoke } from './harness';

/** Returns a client's request without sending it: the bytes that an eavesdropper could capture. */
export async function captureSealRequest(
  vault: LocalVault,
  { materials, ...rest }: TestWallet,
): Promise<SealRequestOf<'delegated-share'>> {
  let payload = Buffer.alloc(0);
  const send = ({ input }: { readonly input: InvokeCommandInput }) => {
    payload = Buffer.from(input.Payload as Uint8Array);
    const refusal = JSON.stringify({ errorType: 'InvalidRequest', errorMessage: 'kept' });
    return Promise.resolve({ FunctionError: 'Unhandled', Payload: Buffer.from(refusal) });
  };
  const client = vault.client('signer', { send } as unknown as LambdaClient);
  await client.seal({ kind: 'delegated-share', ...rest, materials }).catch(() => undefined);
  return JSON.parse(payload.toString()) as SealRequestOf<'delegated-share'>;
}

/** Seals a wallet, and returns the request. */
export async function captureSeal(
  vault: LocalVault,
  wallet: TestWallet,
): Promise<{ readonly request: SealRequestOf<'delegated-share'>; readonly answer: SealResponse }> {
  const request = await captureSealRequest(vault, wallet);
  const { body } = await invoke(vault, 'seal', request, 'signer');
  return { request, answer: body as unknown as SealResponse };
}
