import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SenderKey } from '../vault/keys';

/** Writes each public key, SPKI in PEM, where it can be given to others from; the files' paths by the keys' names. */
export function writePublicKeys(dir: string, keys: readonly SenderKey[]): ReadonlyMap<string, string> {
  return new Map(
    keys.map(({ kid, publicKey }) => {
      const file = join(dir, `${kid}.pem`);
      writeFileSync(file, publicKey);
      return [kid, file];
    }),
  );
}
