import { createPublicKey, randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { createdBody, deliveryHeaders, sealMaterials } from '../../../client/delivery';
import { ShareVaultClient } from '../../../client/index';
import type { Started } from './messages';
import type { Delegation, LocalVaultOptions } from './options';
import { VaultProcess } from './process';
import type { Operation, RunningVault } from './vault';

const OPERATIONS: readonly Operation[] = ['seal', 'unseal', 'revoke', 'properties', 'audit', 'freeze', 'thaw'];

/**
 * Starts a vault on this machine, in a process of its own, on free ports and in a temporary folder, so that several test
 * files can each start one. It stops with `close`, and when this process ends, even by a kill. Throws if both a template and
 * an app are given.
 */
export async function startLocalVault(options: LocalVaultOptions = {}): Promise<RunningVault> {
  if (options.template !== undefined && options.app !== undefined) {
    throw new TypeError('expected a template or an app, got both');
  }
  const { onCall = () => undefined, log = () => undefined, template, app, dataDir, ...others } = options;
  const [templatePath, appPath, dataPath] = [template, app, dataDir].map((path) => path && resolve(path));
  const paths = { template: templatePath, app: appPath, dataDir: dataPath };
  const { process, started } = await VaultProcess.start({ ...others, ...paths }, { onCall, log });
  const { environment, region, account, env } = started;
  const close = (): Promise<void> => process.stop();
  return {
    ...{ env, environment, region, account },
    functions: Object.fromEntries(Object.entries(started.functions).map(([key, { name }]) => [key, name])),
    get webhook() {
      return webhookOf(started);
    },
    actor: (...operations) => actorOf(started, operations),
    envOf: (actor) => ({ ...env, ...variablesOf(started, actor) }),
    client: (actor) => clientOf(started, actor),
    deliver: (delegation) => deliver(webhookOf(started), delegation),
    credentialsOf: (role) => {
      const found = started.roles.find(({ names }) => names.includes(role));
      if (found === undefined) throw new TypeError(`expected a role of the template, got ${JSON.stringify(role)}`);
      return found.credentials;
    },
    explain: async ({ context = {}, ...question }) => {
      const lines = await process.ask({ method: 'explain', ...question, context });
      return { allowed: lines[0]?.startsWith('ALLOWED') === true, lines };
    },
    fire: async (rule) => {
      await process.ask({ method: 'fire', rule });
    },
    setFault: async (standIn, order) => {
      await process.ask({ method: 'fault', standIn, order });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

type Webhook = RunningVault['webhook'];

function webhookOf({ webhook }: Started): Webhook {
  if (webhook === undefined) throw new Error('expected a vault with a webhook and its key in KMS, got one without');
  return webhook;
}

function actorOf({ functions, environment }: Started, operations: readonly Operation[]): string {
  const [first = [], ...others] = operations.map((operation) => functions[operation]?.aliases ?? []);
  const found = first.find((name) => others.every((aliases) => aliases.includes(name)));
  if (found !== undefined) return found;
  throw new Error(`expected an actor of ${environment} that may call ${operations.join(', ')}, got none`);
}

function variablesOf({ actors, environment }: Started, actor: string): Readonly<Record<string, string>> {
  const variables = actors[actor];
  if (variables !== undefined) return variables;
  const known = Object.keys(actors).join(', ');
  throw new TypeError(`expected an actor of ${environment} (${known}), got ${JSON.stringify(actor)}`);
}

function clientOf(started: Started, actor: string): ShareVaultClient {
  const { endpoint, region, environment, administrator: credentials, intakeKey, functions } = started;
  variablesOf(started, actor);
  const callable = OPERATIONS.filter((operation) => functions[operation]?.aliases.includes(actor) === true);
  return new ShareVaultClient({
    ...{ environment, actor, intakeKeys: intakeKey === undefined ? [] : [intakeKey] },
    functions: Object.fromEntries(callable.map((operation) => [operation, functions[operation]?.name])),
    lambda: new LambdaClient({ endpoint, region, credentials, maxAttempts: 1 }),
  });
}

async function deliver(
  { url, secret, publicKey, kid }: Webhook,
  delegation: Delegation,
): Promise<{ readonly status: number; readonly code: string }> {
  const wallet = { chain: 'EVM', publicKey: `0x${randomBytes(20).toString('hex')}`, ...delegation };
  const body = createdBody(wallet, sealMaterials(delegation, { publicKey: createPublicKey(publicKey), kid }));
  const response = await fetch(url, { method: 'POST', headers: deliveryHeaders(body, secret), body });
  const read: unknown = await response.json();
  const code: unknown = typeof read === 'object' && read !== null ? Reflect.get(read, 'code') : undefined;
  return { status: response.status, code: typeof code === 'string' ? code : 'none' };
}
