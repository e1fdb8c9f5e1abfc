import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalVault, startVault } from '../../../local/vault';
import { shippedBundles } from '../../../local/vault/shipped';
import type { Deploy } from '../../support/incident-stacks';
import { logFolder } from '../../support/run';
import { synthesized } from '../../support/synthesized';
import { freshData } from '../../support/vault-template';
import type { EventFacts } from '../../../client/delivery';
import { deliveryHeaders } from '../../../client/delivery';
import type { Credentials } from '../../../local/emulator/services/functions/environment';
import { type DeliveryKey, codeOf, createdOf } from '../deliveries';
import { type TestWallet, makeWallet } from '../harness';
import { nameCluster } from '../name-cluster';
import { Account } from './account';
import type { AwsLine } from './aws-line';
import { Shell, type Surroundings } from './shell';

const STACKS = join(__dirname, '../../support/incident-stacks.ts');

interface Delivery {
  /** @default - the one that Dynamic has */
  readonly secret?: string;
  /** @default - the vault's first webhook key */
  readonly key?: DeliveryKey;
  readonly facts?: EventFacts;
}

/** The vault `prod` that all runbooks are run on, one after the other, in one account and one shell. */
export class World implements Surroundings {
  readonly #account = new Account(
    () => this.vault,
    () => this.#dataDir,
  );
  readonly shell = new Shell(this);
  /** the words of the pages that stand for something of the account, such as `OLD_KEY` */
  readonly facts = new Map<string, string>();
  /** what `cdk deploy` deploys, in this order */
  readonly deploys: Deploy[] = [];
  /** the wallet of the pages */
  wallet: TestWallet = makeWallet();
  /** the one that Dynamic has */
  signingSecret = '';
  #vault: LocalVault | undefined;
  #dataDir = '';
  #port: number | undefined;
  #current: Deploy = 'first';
  /** a copy of the database that the next deploy puts behind the vault */
  #backup: string | undefined;
  /** RDS's own id of a restored cluster: each restore makes a new one */
  #clusterId: string | undefined;
  readonly #logDirs: string[] = [];

  get vault(): LocalVault {
    if (this.#vault === undefined) throw new Error('expected a vault that runs');
    return this.#vault;
  }

  call(line: AwsLine): Promise<object> {
    return this.#account.call(line);
  }

  /** Returns the reserved concurrency of each of some functions, undefined for none. */
  reserved(...handlers: readonly string[]): readonly (number | undefined)[] {
    return handlers.map((handler) => this.#account.reserved(`share-vault-prod-${handler}`));
  }

  /** Starts the vault with a new database. */
  async start(deploy: Deploy): Promise<void> {
    this.#dataDir = await freshData(templateOf(deploy));
    await this.#deploy(deploy);
    this.signingSecret = this.vault.webhook.secret;
    this.facts.set('DAY', new Date(Date.now() - 86_400_000).toISOString().slice(0, 10));
    await this.shell.open();
    await this.seal();
  }

  /** Deploys what is next, as `cdk deploy` does: all functions have new processes and new sessions of their roles. */
  async deploy(): Promise<void> {
    const next = this.deploys.shift();
    if (next === undefined) throw new Error('expected no deploy on this page');
    await this.vault.close();
    if (this.#backup !== undefined) {
      rmSync(join(this.#dataDir, 'postgres'), { recursive: true });
      copyFolder(join(this.#backup, 'postgres'), join(this.#dataDir, 'postgres'));
      rmSync(this.#backup, { recursive: true });
      this.#backup = undefined;
      this.#clusterId = `cluster-${randomUUID().replaceAll('-', '').slice(0, 26).toUpperCase()}`;
    }
    await this.#deploy(next);
  }

  /** Copies the database, which the next deploy restores. Keys and everything else of the account stay as they are. */
  async backUp(): Promise<void> {
    await this.vault.close();
    this.#backup = mkdtempSync(join(tmpdir(), 'backup-'));
    copyFolder(join(this.#dataDir, 'postgres'), join(this.#backup, 'postgres'));
    await this.#deploy(this.#current);
  }

  async close(): Promise<void> {
    this.shell.close();
    await this.#vault?.close();
    if (this.#dataDir !== '') rmSync(this.#dataDir, { recursive: true, force: true });
  }

  /** Seals a new wallet, the one of the next pages. */
  async seal(): Promise<TestWallet> {
    const wallet = makeWallet();
    const { materials, ...facts } = wallet;
    const sealed = await this.vault.client('backend').seal({ kind: 'delegated-share', ...facts, materials });
    this.wallet = wallet;
    this.facts.set('WALLET', this.wallet.walletId).set('RECORD', sealed.recordId);
    return this.wallet;
  }

  /**
   * Opens a wallet's delegated share, and returns the code of a refusal, or `opened`.
   *
   * @param credentials of the caller @default - the administrator's
   */
  async open(wallet: Pick<TestWallet, 'walletId' | 'chain'> = this.wallet, credentials?: Credentials): Promise<string> {
    const { walletId, chain } = wallet;
    const client = this.vault.client('backend', this.vault.lambdaClient(credentials));
    try {
      const record = await client.unseal({ kind: 'delegated-share', walletId, chain, reason: 'test' });
      record.dispose();
      return 'opened';
    } catch (error) {
      return String(Reflect.get(error as object, 'code'));
    }
  }

  /** Delivers a wallet's delegated share as Dynamic does, and returns status and code. */
  async deliver(
    wallet: TestWallet,
    { secret = this.signingSecret, key = this.vault.webhook, facts }: Delivery = {},
  ): Promise<string> {
    const body = createdOf(wallet, key, facts);
    return codeOf(this.vault, body, deliveryHeaders(body, secret));
  }

  /** Returns the request ids of all invocations of a function, as CloudTrail's data events have them. */
  invocations(name: string): readonly string[] {
    return this.#logDirs
      .map((folder) => join(folder, `${name}.log`))
      .flatMap((file) =>
        existsSync(file) ? [...readFileSync(file, 'utf8').matchAll(/^START RequestId: (\S+)/gm)] : [],
      )
      .map(([, requestId = '']) => requestId);
  }

  async #deploy(deploy: Deploy): Promise<void> {
    this.#current = deploy;
    const [logDir, clusterId] = [logFolder(), this.#clusterId];
    this.#logDirs.push(logDir);
    // without the assets beside it: they are placeholders of the handlers
    const template = join(mkdtempSync(join(tmpdir(), 'deploy-')), 'ShareVault-prod.template.json');
    copyFileSync(templateOf(deploy), template);
    this.#vault = await startVault({
      ...{ template, bundles: shippedBundles(), logDir, dataDir: this.#dataDir },
      ...{ longestWaitSeconds: 0.05, port: this.#port },
      ...(clusterId !== undefined && { amend: (template: object) => nameCluster(template, clusterId) }),
    });
    this.#port = Number(new URL(this.#vault.url).port);
    this.#account.applyPolicies();
    await this.#account.applyConcurrency();
  }
}

/** Copies a folder with its owners: PostgreSQL has a user of its own. */
function copyFolder(from: string, to: string): void {
  execFileSync('cp', ['-Rp', from, to]);
}

function templateOf(deploy: Deploy): string {
  return join(synthesized(STACKS), `${deploy}.template.json`);
}
