import type { Deployed } from '../emulator/deploy';
import type { LocalWebhook } from '../vault/webhook';
import type { Source } from './source';

/** A deployed template, as it is described to the user. */
export interface Described {
  readonly deployed: Deployed;
  /** undefined if the template has no vault */
  readonly environment: string | undefined;
  /** undefined if the template has no vault with a webhook */
  readonly webhook: LocalWebhook | undefined;
  /** paths */
  readonly files: {
    readonly source: Source;
    readonly dataDir: string;
    /** true if the data folder is removed at the end */
    readonly temporary: boolean;
    /** the value of `AWS_CONFIG_FILE` */
    readonly profiles: string;
    /** files of the webhook's public keys, by key name */
    readonly keyFiles: ReadonlyMap<string, string>;
  };
  /** prints everything that is known */
  readonly verbose: boolean;
  readonly authorization: boolean;
}

export type Out = Pick<NodeJS.WritableStream, 'write'>;
