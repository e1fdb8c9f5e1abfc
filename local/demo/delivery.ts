import { createPublicKey } from 'node:crypto';
import { createdBody, deliveryHeaders, sealMaterials } from '../../client/delivery';
import type { LocalVault } from '../vault';
import type { DemoWallet } from './wallet';

/** What the endpoint said to a delivery. */
export interface Received {
  /** of HTTP */
  readonly status: number;
  /** of the vault */
  readonly code: string;
}

/** The bytes that Dynamic would post when a user delegates this wallet: both materials encrypted to the webhook key. */
export function createdDelivery(wallet: DemoWallet, { publicKey, kid }: LocalVault['webhook']): Buffer {
  return createdBody(wallet, sealMaterials(wallet, { publicKey: createPublicKey(publicKey), kid }));
}

/** @param secret what the delivery is signed with */
export async function post({ url }: LocalVault['webhook'], body: Buffer, secret: string): Promise<Received> {
  const response = await fetch(url, { method: 'POST', headers: deliveryHeaders(body, secret), body: new Uint8Array(body) }); // prettier-ignore
  const { code } = (await response.json()) as { readonly code?: string };
  return { status: response.status, code: code ?? 'no code' };
}
