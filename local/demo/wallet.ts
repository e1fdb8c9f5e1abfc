import { randomBytes, randomUUID } from 'node:crypto';

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** A random wallet and user, with materials in the format that Dynamic delivers. */
export interface DemoWallet {
  readonly walletId: string;
  readonly userId: string;
  readonly chain: 'EVM';
  /** the wallet's address */
  readonly publicKey: string;
  /** about 450 bytes of JSON, opaque to the vault */
  readonly delegatedShare: Buffer;
  readonly walletApiKey: Buffer;
}

export function makeWallet(): DemoWallet {
  return {
    walletId: randomUUID(),
    userId: randomUUID(),
    chain: 'EVM',
    publicKey: `0x${randomBytes(20).toString('hex')}`,
    delegatedShare: Buffer.concat([
      Buffer.from('{"pubkey":{},"secretShare":"'),
      randomText(416, BASE64),
      Buffer.from('"}'),
    ]),
    walletApiKey: Buffer.concat([Buffer.from('dyn_wak_'), randomText(43, BASE64URL)]),
  };
}

/** Returns about 1 KiB of JSON, as an SDK serializes the list of a wallet; opaque to the vault. */
export function makeServerKeyShares(): Buffer {
  return Buffer.concat([Buffer.from('[{"pubkey":{},"secretShare":"'), randomText(1_000, BASE64), Buffer.from('"}]')]);
}

/** Returns random characters as bytes, because materials are never strings, not even generated ones. */
function randomText(length: number, alphabet: string): Buffer {
  return Buffer.from(randomBytes(length).map((byte) => alphabet.charCodeAt(byte & 63)));
}
