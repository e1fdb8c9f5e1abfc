import type { MessageErrorCode } from '../../../../lambda/message/errors';

/** Bytes are hex. The keys are only for tests. */
interface Vector {
  readonly title: string;
  readonly dataKey: string;
  /** the opener's expected context */
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

/** A message that is refused with this code. It is valid except for the fault in its title. */
export interface NegativeVector extends Vector {
  readonly code: MessageErrorCode;
}
