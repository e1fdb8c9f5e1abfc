import { startVault } from '../local/vault';
import { shippedTemplate } from '../local/vault/shipped';

/** The webhook of a vault in a process of its own, so that neither process waits for the other's event loop. */
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
  // `dev` responds within 25 seconds: a lower limit would end slow deliveries before their time is measured
  const vault = await startVault(shippedTemplate());
  process.once('disconnect', () => void vault.close());
  const { url, secret, publicKey, kid } = vault.webhook;
  const { host, port, database, caFile, superuser } = vault.postgres;
  const { user, password } = superuser;
  const message: BenchWebhook = { url, secret, publicKey, kid, database: { host, port, database, caFile, user, password } }; // prettier-ignore
  process.send?.(message);
}

void main();
