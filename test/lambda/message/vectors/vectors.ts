import type { MessageErrorCode } from '../../../../lambda/message/errors';

/** Bytes are hex. Keys are of tests alone. */
interface Vector {
  readonly title: string;
  readonly dataKey: string;
  /** what the opener expects */
  readonly context: readonly (readonly [string, string])[];
  readonly message: string;
}

/** A message that opens. */
export interface PositiveVector extends Vector {
  readonly writer: string;
  /** of raw AES keyrings (namespace `test-namespace`, AES-256-GCM, 12-byte IV, UTF-8 sorting), for an ESDK to open it by */
  readonly wrappingKeys: readonly { readonly name: string; readonly secret: string }[];
  readonly plaintext: string;
}

/** A message that is refused with this code. But for what its title says it is right. */
export interface NegativeVector extends Vector {
  readonly code: MessageErrorCode;
}
