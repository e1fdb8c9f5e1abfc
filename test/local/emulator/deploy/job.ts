import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { type ShareVaultClient, ShareVaultError } from '../../../../client/index';
import type { Deployed } from '../../../../local/emulator/deploy';
import { type Removal, nameOf } from './removals';
import { resealAll } from './reseals';
import { GUARD, SECOND } from './consumer';
import { type TestWallet, BACKEND, WATCHER, clientOf, deliver, keyNamed, makeWallet, publicKey } from './support';

type Step =
  | 'seal'
  | 'unseal'
  | 'revoke'
  | 'properties'
  | 'audit'
  | 'freeze'
  | 'thaw'
  | 'receive'
  | 'migrate'
  | 'reseal'
  | 'public key';

/** The steps of the main job that need a policy, by its logical id and the statement's name. */
const STEPS: readonly (readonly [RegExp, readonly Step[]])[] = [
  [/^VaultFunctions(seal)Role/, ['seal']],
  [/^VaultFunctions(unseal)Role/, ['unseal']],
  [/^VaultFunctions(revoke)Role/, ['revoke']],
  [/^VaultFunctions(properties)Role/, ['properties']],
  [/^VaultFunctions(audit)Role/, ['audit']],
  [/^VaultFunctions(freeze)Role/, ['freeze']],
  [/^VaultFunctions(thaw)Role/, ['thaw']],
  [/^VaultWebhook/, ['receive']],
  [/^VaultMigration/, ['migrate']],
  [/^VaultReseal/, ['reseal']],
  [/^VaultKeysShareKey\w+ AllowReseal/, ['reseal']],
  [/^VaultNetworkEndpointkms\w+ #7 /, ['reseal']],
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
  [/^Guard/, ['freeze']],
  [/^Second/, ['thaw']],
];

async function expectNotFound(asked: Promise<unknown>): Promise<void> {
  await asked.catch((error: unknown) => {
    if (!(error instanceof ShareVaultError) || error.code !== 'NotFound') throw error;
  });
}

/** The timeout of each function. */
export const TIMEOUT_MS = 8_000;
/** Pause between two looks at the trail. */
const LOOK_MS = 20;

/** A client for each of the consumers' roles. */
type Clients = Readonly<Record<'backend' | 'watcher' | 'guard' | 'second', ShareVaultClient>>;

/** The vault's main job in steps. */
export class Job {
  readonly #vault: Deployed;
  readonly #functions: ReadonlySet<string>;
  readonly #steps: Readonly<Record<Step, () => Promise<unknown>>>;

  private constructor(vault: Deployed, wallet: TestWallet, clients: Clients) {
    const { backend, watcher, guard, second } = clients;
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
      // the lists need what freezing and thawing need, and leave the vault as it is
      freeze: () => guard.freezes(),
      thaw: () => second.freezes(),
      receive: () => deliver(vault, makeWallet()),
      migrate: () => vault.fire(sweep?.logicalId ?? ''),
      reseal: () => resealAll(vault),
      'public key': async () => publicKey(vault, await keyNamed(vault, 'intake'), vault.session(BACKEND)),
    };
  }

  static async prepare(vault: Deployed): Promise<Job> {
    const wallet = makeWallet();
    const backend = await clientOf(vault, 'signer', vault.session(BACKEND));
    const watcher = await clientOf(vault, 'auditor', vault.session(WATCHER));
    await backend.seal({ kind: 'delegated-share', ...wallet });
    const guard = await clientOf(vault, 'guard', vault.session(GUARD));
    const second = await clientOf(vault, 'second', vault.session(SECOND));
    return new Job(vault, wallet, { backend, watcher, guard, second });
  }

  /**
   * Returns the actions that are refused without a statement, up to the removed one. Functions that run already are called
   * first. If they do without the action, for example because they are logged in to the database, they start again: that
   * takes ten times as long.
   */
  async refusedWithout(removal: Removal): Promise<readonly string[]> {
    const [, steps = []] = STEPS.find(([pattern]) => pattern.test(nameOf(removal))) ?? [];
    const before = this.#vault.trail.entries.length;
    const isRefused = (): boolean => this.#refusedSince(before).includes(removal.action);
    const warm = steps.filter((step) => step !== 'migrate').map((step) => this.#steps[step]);
    const cold = steps.map((step) => () => this.#start(step));
    for (const attempt of [...warm, ...cold]) {
      this.#vault.decideWith(removal.remove);
      const ended = attempt().catch(() => undefined);
      const refused = await firstOf(ended, isRefused);
      this.#vault.decideWith(undefined);
      // a function that repeats the refused call is now allowed it
      await ended;
      if (refused) break;
    }
    return this.#refusedSince(before);
  }

  #refusedSince(start: number): readonly string[] {
    const refused = this.#vault.trail.entries.slice(start).filter(({ result }) => result === 'AccessDeniedException');
    return [...new Set(refused.map(({ action }) => action))];
  }

  /** Runs every step with the complete policies and returns the refused calls. */
  async refused(): Promise<readonly string[]> {
    const before = this.#vault.trail.entries.length;
    for (const step of Object.keys(this.#steps) as Step[]) await this.#start(step);
    return this.#vault.trail.entries
      .slice(before)
      .flatMap(({ action, result, message = '' }) => (result === 'ok' ? [] : [`${action}: ${result} ${message}`]));
  }

  /** Runs a step in a new process of its function, without the state of an earlier step. */
  async #start(step: Step): Promise<unknown> {
    const name = `share-vault-dev-${step}`;
    // an update replaces the function's processes
    if (this.#functions.has(name)) await this.#vault.lambda.updateFunction(name, { timeoutMs: TIMEOUT_MS });
    return this.#steps[step]();
  }
}

/** Returns whether it becomes so before the work ends. */
async function firstOf(work: Promise<unknown>, isSo: () => boolean): Promise<boolean> {
  const ended = work.then(() => true);
  while (!isSo()) {
    if (await Promise.race([ended, setTimeout(LOOK_MS, false)])) return isSo();
  }
  return true;
}
