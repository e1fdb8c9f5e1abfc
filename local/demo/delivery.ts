import { createPublicKey } from 'node:crypto';
import { createdBody, deliveryHeaders, sealMaterials } from '../../client/delivery';
import type { LocalVault } from '../vault';
import type { DemoWallet } from './wallet';

/** The endpoint's response to a delivery. */
export interface Received {
  /** the HTTP status */
  readonly status: number;
  /** the vault's code, for example `Sealed` */
  readonly code: string;
}

/** Returns the body that Dynamic posts when a user delegates a wallet: both materials encrypted to the webhook key. */
export function createdDelivery(wallet: DemoWallet, { publicKey, kid }: LocalVault['webhook']): Buffer {
  return createdBody(wallet, sealMaterials(wallet, { publicKey: createPublicKey(publicKey), kid }));
}

/** Posts a delivery. @param secret - signs the delivery */
export async function post({ url }: LocalVault['webhook'], body: Buffer, secret: string): Promise<Received> {
  const response = await fetch(url, { method: 'POST', headers: deliveryHeaders(body, secret), body: new Uint8Array(body) }); // prettier-ignore
  const { code } = (await response.json()) as { readonly code?: string };
  return { status: response.status, code: code ?? 'no code' };
}
