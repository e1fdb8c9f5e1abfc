import { createHash } from 'node:crypto';
import type { UnsealRequest } from '../../../../lambda/contract/requests';
import { withEpk } from '../../../client/support/jwe';

/** Responds to an unseal as a vault does, with the materials `share` and `key`: bundled, it needs no other file. */
export const lambda = {
  send({ input }: { readonly input: { readonly Payload: Uint8Array } }): Promise<object> {
    const request = JSON.parse(Buffer.from(input.Payload).toString()) as UnsealRequest;
    const { recipient, req, walletId, chain, kind } = request;
    const { crv, kty, x, y } = recipient;
    const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
    const record = '11111111-2222-4333-8444-555555555555';
    const header = { typ: 'share-vault-out', kid, env: 'dev', record, walletId, chain, req };
    const encrypt = (field: string, material: string): string =>
      withEpk(Buffer.from(material), { ...header, field }, recipient, (epk) => epk);
    const materials = { delegatedShare: encrypt('delegated_share', 'share'), walletApiKey: encrypt('wallet_api_key', 'key') }; // prettier-ignore
    const response = { recordId: record, kind, materials, accessCount: 1 };
    return Promise.resolve({ Payload: Buffer.from(JSON.stringify(response)), $metadata: {} });
  },
};
