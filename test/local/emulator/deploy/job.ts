import { randomUUID } from 'node:crypto';
import { type ShareVaultClient, ShareVaultError } from '../../../../client/index';
import type { Deployed } from '../../../../local/emulator/deploy';
import { type Removal, nameOf } from './removals';
import { type TestWallet, BACKEND, WATCHER, clientOf, deliver, keyNamed, makeWallet, publicKey } from './support';

type Step = 'seal' | 'unseal' | 'revoke' | 'properties' | 'audit' | 'receive' | 'migrate' | 'public key';

/** The steps of the main job that need a policy, by its logical id and the statement's name. */
const STEPS: readonly (readonly [RegExp, readonly Step[]])[] = [
  [/^VaultFunctions(seal)Role/, ['seal']],
  [/^VaultFunctions(unseal)Role/, ['unseal']],
  [/^VaultFunctions(revoke)Role/, ['revoke']],
  [/^VaultFunctions(properties)Role/, ['properties']],
  [/^VaultFunctions(audit)Role/, ['audit']],
  [/^VaultWebhook/, ['receive']],
  [/^VaultMigration/, ['migrate']],
  [/^VaultKeysintake/, ['seal']],
  [/^VaultKeyswebhook/, ['receive']],
  [/^VaultKeysShareKey\w+ AllowSeal for .*seal/, ['seal']],
  [/^VaultKeysShareKey\w+ AllowSeal for .*Webhook/, ['receive']],
  [/^VaultKeysShareKey\w+ AllowSeal/, ['seal']],
  [/^VaultKeysShareKey\w+ AllowUnseal/, ['unseal']],
  [/^VaultStorageKey/, ['receive']],
  [/^VaultNetworkEndpointkms.* \{.*Keysintake/, ['seal']],
  [/^VaultNetworkEndpointkms.* \{.*Keyswebhook/, ['receive']],
  [/^VaultNetworkEndpointkms.* kms:Decrypt /, ['unseal']],
  [/^VaultNetworkEndpointkms/, ['seal', 'receive']],
  [/^VaultNetworkEndpointsecretsmanager.* \{.*Database/, ['migrate']],
  [/^VaultNetworkEndpointsecretsmanager/, ['receive']],
  [/^Backend\w+ \S+ kms:/, ['public key']],
  [/^Backend\w+ \S+ \S+ \{.*-seal:/, ['seal']],
  [/^Backend\w+ \S+ \S+ \{.*-revoke:/, ['revoke']],
  [/^Backend\w+ \S+ \S+ \{.*-properties:/, ['properties']],
  [/^Backend/, ['unseal']],
  [/^Watcher/, ['audit']],
];

async function expectNotFound(asked: Promise<unknown>): Promise<void> {
  await asked.catch((error: unknown) => {
    if (!(error instanceof ShareVaultError) || error.code !== 'NotFound') throw error;
  });
}

/** The timeout of each function. */
export const TIMEOUT_MS = 8_000;
/**
 * The timeout of a refused migration. The refused call follows directly after the start, and the migration repeats it
 * until the timeout. A cold start on a busy machine can take longer than 3 seconds: the call would then never be made.
 */
const REFUSED_MIGRATION_MS = 6_000;

/** The vault's main job in steps. Each step starts cold, so no state of an earlier step is left. */
export class Job {
  readonly #vault: Deployed;
  readonly #functions: ReadonlySet<string>;
  readonly #steps: Readonly<Record<Step, () => Promise<unknown>>>;

  private constructor(vault: Deployed, wallet: TestWallet, backend: ShareVaultClient, watcher: ShareVaultClient) {
    this.#vault = vault;
    this.#functions = new Set(vault.template.functions().map(({ name }) => name));
    const { walletId, chain } = wallet;
    const [sweep] = vault.template
      .eventRules()
      .filter(({ targets }) => targets.some(({ qualifier }) => qualifier === 'sweep'));
    this.#steps = {
      seal: () => backend.seal({ kind: 'delegated-share', ...makeWallet() }),
      unseal: async () =>
        (await backend.unseal({ kind: 'delegated-share', walletId, chain, reason: 'test' }))[Symbol.dispose](),
      revoke: () => backend.revoke({ walletId: randomUUID(), chain, reason: 'test' }),
      // a delegated share has no properties: the response NotFound is enough
      properties: () => expectNotFound(backend.properties({ walletId, chain })),
      audit: () => watcher.records({ walletId, chain }),
      receive: () => deliver(vault, makeWallet()),
      migrate: () => vault.fire(sweep?.logicalId ?? ''),
      'public key': async () => publicKey(vault, await keyNamed(vault, 'intake'), vault.session(BACKEND)),
    };
  }

  static async prepare(vault: Deployed): Promise<Job> {
    const wallet = makeWallet();
    const backend = await clientOf(vault, 'signer', vault.session(BACKEND));
    const watcher = await clientOf(vault, 'auditor', vault.session(WATCHER));
    await backend.seal({ kind: 'delegated-share', ...wallet });
    return new Job(vault, wallet, backend, watcher);
  }

  /** Returns the actions that are refused without a statement. Stops after the first step that needs its action. */
  async refusedWithout(removal: Removal): Promise<readonly string[]> {
    const [, steps = []] = STEPS.find(([pattern]) => pattern.test(nameOf(removal))) ?? [];
    this.#vault.decideWith(removal.remove);
    const before = this.#vault.trail.entries.length;
    for (const step of steps) {
      await this.#run(step, step === 'migrate' ? REFUSED_MIGRATION_MS : TIMEOUT_MS).catch(() => undefined);
      // each step costs the start of a process
      if (this.#refusedSince(before).includes(removal.action)) break;
    }
    this.#vault.decideWith(undefined);
    return this.#refusedSince(before);
  }

  #refusedSince(start: number): readonly string[] {
    const refused = this.#vault.trail.entries.slice(start).filter(({ result }) => result === 'AccessDeniedException');
    return [...new Set(refused.map(({ action }) => action))];
  }

  /** Runs every step with the complete policies and returns the refused calls. */
  async refused(): Promise<readonly string[]> {
    const before = this.#vault.trail.entries.length;
    for (const step of Object.keys(this.#steps) as Step[]) await this.#run(step);
    return this.#vault.trail.entries
      .slice(before)
      .flatMap(({ action, result, message = '' }) => (result === 'ok' ? [] : [`${action}: ${result} ${message}`]));
  }

  async #run(step: Step, timeoutMs = TIMEOUT_MS): Promise<unknown> {
    const name = `share-vault-dev-${step}`;
    // an update replaces the function's processes
    if (this.#functions.has(name)) await this.#vault.lambda.updateFunction(name, { timeoutMs });
    return this.#steps[step]();
  }
}
