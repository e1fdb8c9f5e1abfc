/** A bucket of a template. */
export interface Bucket {
  readonly name: string;
  readonly versioned: boolean;
  /** owner: calls that expect another one are refused @default - any */
  readonly account?: string | undefined;
  /** undefined without Object Lock */
  readonly lock: { readonly byDefault: DefaultRetention | undefined } | undefined;
}

export const LOCK_MODES = ['GOVERNANCE', 'COMPLIANCE'] as const;
export type LockMode = (typeof LOCK_MODES)[number];

/** The retention of a new version without one of its own. */
export interface DefaultRetention {
  readonly mode: LockMode;
  readonly days: number;
}

export interface Retention {
  readonly mode: LockMode;
  readonly until: Date;
}

/** One version of an object, or a delete marker. */
export interface Version {
  readonly key: string;
  /** rises in a bucket: two versions can have the same time */
  readonly number: number;
  /** `null` in a bucket without versioning */
  readonly id: string;
  readonly at: Date;
  /** undefined for a delete marker */
  readonly content?: Content | undefined;
  readonly retention?: Retention | undefined;
}

export interface Content {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** MD5 of the bytes, hex */
  readonly etag: string;
  /** by their names, such as `crc32`: base64 */
  readonly checksums: Readonly<Record<string, string>>;
}
