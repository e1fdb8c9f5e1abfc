import { startVault } from '../local/vault';

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

/** What is measured is how long a delivery takes, not how much of that is too long for this machine. */
const PATIENCE = { timeoutMs: 60_000, webhookBudgetMs: 29_000 };

async function main(): Promise<void> {
  const vault = await startVault(PATIENCE);
  process.once('disconnect', () => void vault.close());
  const { url, secret, publicKey, kid } = vault.webhook;
  const { host, port, database, caFile, superuser } = vault.postgres;
  const { user, password } = superuser;
  const message: BenchWebhook = { url, secret, publicKey, kid, database: { host, port, database, caFile, user, password } }; // prettier-ignore
  process.send?.(message);
}

void main();
