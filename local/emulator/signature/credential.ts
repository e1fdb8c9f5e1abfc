/** Who signs with a credential, and all that the authorisation of a call needs to know of them later. */
export interface Principal {
  /** of the assumed-role session: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
  readonly arn: string;
  readonly roleArn: string;
  /** 12 digits */
  readonly account: string;
  /** the function that the session was made for */
  readonly sourceFunctionArn?: string | undefined;
  readonly sourceVpc?: string | undefined;
  readonly sourceVpce?: string | undefined;
}

/** What AWS credentials are to the side that verifies them. */
export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** every request has to carry it; long-term credentials have none, and may not carry one */
  readonly sessionToken?: string | undefined;
  /** of a session, in milliseconds since 1970 @default - long-term credentials */
  readonly issuedAt?: number | undefined;
  /** milliseconds since 1970 @default - never */
  readonly expiresAt?: number | undefined;
  readonly principal: Principal;
}

/** The credentials that are known. `undefined` means nobody's; an expired one is still found, so that its end can be told. */
export interface Credentials {
  find(accessKeyId: string): Credential | undefined;
  /** tells whether one has ended @default - the clock that requests are verified by */
  readonly now?: Clock;
}

/** Milliseconds since 1970. */
export type Clock = () => number;
