import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
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

const RESPONSE = v.pipe(v.string(), v.parseJson(), v.object({ code: v.optional(v.string(), 'no code') }));

/** Posts a delivery. @param secret - signs the delivery */
export async function post({ url }: LocalVault['webhook'], body: Buffer, secret: string): Promise<Received> {
  // fetch would send it to the proxy of the developer's shell (NODE_USE_ENV_PROXY), an agent of its own doesn't
  const sent = request(url, { method: 'POST', headers: deliveryHeaders(body, secret), agent: false }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { code } = v.parse(RESPONSE, await text(response));
  return { status: response.statusCode ?? 0, code };
}
