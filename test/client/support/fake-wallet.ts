import type { ListedWallet, RecordMetadata } from '../../../lambda/contract/responses';
import { KINDS, type Kind, type MaterialName } from '../../../lambda/contract/kinds';
import { FakeProperties } from './fake-properties';
import { Ledger } from './ledger';

export interface Stored {
  readonly facts: RecordMetadata;
  readonly materials: ReadonlyMap<MaterialName, Uint8Array>;
  readonly transportIds: string;
  /** of the properties that it was sealed under */
  readonly propertiesSha256: string | undefined;
}

/** A wallet of the fake vault: its records by kind, properties and access log. */
export class FakeWallet {
  readonly ledger: Ledger;
  readonly live = new Map<Kind, Stored>();
  readonly revokedAt = new Map<Kind, string>();
  readonly properties = new FakeProperties();
  readonly createdAt = new Date().toISOString();

  constructor(readonly name: { readonly walletId: string; readonly chain: string }) {
    this.ledger = new Ledger(name);
  }

  /** when its materials of each kind were revoked, as responses name it */
  get revocations() {
    const [revokedAt, serverKeySharesRevokedAt] = KINDS.map((kind) => this.revokedAt.get(kind));
    return {
      ...(revokedAt !== undefined && { revokedAt }),
      ...(serverKeySharesRevokedAt !== undefined && { serverKeySharesRevokedAt }),
    };
  }

  listed(): ListedWallet {
    const { createdAt, properties, ledger } = this;
    const propertiesVersion = properties.newest?.version;
    const kinds = [...this.live.keys()];
    return { ...this.name, createdAt, kinds, ...this.revocations, propertiesVersion, ...ledger.head() };
  }
}
