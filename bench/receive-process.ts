import { startVault } from '../local/vault';
import { shippedTemplate } from '../local/vault/shipped';

/** Where deliveries go, in a vault that runs in a process of its own, so that neither waits for the other's loop. */
export interface BenchWebhook {
  readonly url: string;
  readonly secret: string;
  readonly publicKey: string;
  readonly kid: string;
  /** a login that may count rows */
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly user: string;
    readonly password: string;
    readonly caFile: string;
  };
}

async function main(): Promise<void> {
  // `dev` answers within 25 seconds: what is measured is how long a delivery takes, not how much of that is too long
  const vault = await startVault(shippedTemplate());
  process.once('disconnect', () => void vault.close());
  const { url, secret, publicKey, kid } = vault.webhook;
  const { host, port, database, caFile, superuser } = vault.postgres;
  const { user, password } = superuser;
  const message: BenchWebhook = { url, secret, publicKey, kid, database: { host, port, database, caFile, user, password } }; // prettier-ignore
  process.send?.(message);
}

void main();
