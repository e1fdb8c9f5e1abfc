import { createHash } from 'node:crypto';
import type { PropertiesNotModifiedResponse, PropertiesResponse } from '../../../lambda/contract/responses';
import type { PropertiesRequest } from '../../../lambda/contract/requests';
import { Fault } from './fault';

interface Write {
  readonly walletProperties: string;
  readonly expectedVersion?: number | undefined;
  readonly force?: boolean | undefined;
}

/** The versions of one wallet's properties. */
export class FakeProperties {
  readonly #versions: PropertiesResponse[] = [];

  get newest(): PropertiesResponse | undefined {
    return this.#versions.at(-1);
  }

  /** Adds a version, unless the newest one has the same text. Returns the newest one. */
  write({ walletProperties, expectedVersion = 0, force = false }: Write): PropertiesResponse {
    const { newest } = this;
    if (newest?.walletProperties === walletProperties) return newest;
    if (expectedVersion !== (newest?.version ?? 0)) throw new Fault('VersionConflict', 'expected the newest version');
    const loses = hasBackup(newest?.walletProperties) && !hasBackup(walletProperties);
    if (loses && !force) throw new Fault('StaleWalletProperties', 'expected the backup information');
    const sha256 = createHash('sha256').update(walletProperties).digest('hex');
    const added = { version: expectedVersion + 1, walletProperties, sha256, createdAt: new Date().toISOString() };
    this.#versions.push(added);
    return added;
  }

  read({ version = 0, ifNoneMatch }: PropertiesRequest): PropertiesResponse | PropertiesNotModifiedResponse {
    const found = this.#versions.at(version - 1);
    if (found === undefined) throw new Fault('NotFound', 'expected properties, got none');
    if (found.sha256 !== ifNoneMatch) return found;
    const { walletProperties: _, ...facts } = found;
    return { notModified: true, ...facts };
  }
}

function hasBackup(text = ''): boolean {
  return /externalServerKeySharesBackupInfo|external_server_key_shares_backup_info/.test(text);
}
