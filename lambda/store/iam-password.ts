import { Signer } from '@aws-sdk/rds-signer';

/** A login with the process's own AWS credentials: a token that the SDK signs locally, good for connects within 15 minutes. */
export function iamPassword(login: {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}): () => Promise<string> {
  // the region is the SDK's own variable's
  const signer = new Signer({ hostname: login.host, port: login.port, username: login.user });
  return () => signer.getAuthToken();
}
