/** The owner of a credential, with the facts that the authorization of its calls needs. */
export interface Principal {
  /** ARN of the assumed-role session: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
  readonly arn: string;
  readonly roleArn: string;
  /** 12 digits */
  readonly account: string;
  /** ARN of the function that the session was issued for */
  readonly sourceFunctionArn?: string | undefined;
  readonly sourceVpc?: string | undefined;
  readonly sourceVpce?: string | undefined;
}

/** AWS credentials, as a verifier stores them. */
export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** required in every request; requests with long-term credentials must not have one */
  readonly sessionToken?: string | undefined;
  /** time of issue of a session, in milliseconds since 1970 @default - long-term credentials */
  readonly issuedAt?: number | undefined;
  /** milliseconds since 1970 @default - never */
  readonly expiresAt?: number | undefined;
  readonly principal: Principal;
}

/** A store of credentials. */
export interface Credentials {
  /** Returns undefined if the key is unknown. Also returns expired credentials, so that the expiry can be reported. */
  find(accessKeyId: string): Credential | undefined;
  /** the clock for the expiry of credentials @default - the clock of the verification */
  readonly now?: Clock;
}

/** Milliseconds since 1970. */
export type Clock = () => number;
