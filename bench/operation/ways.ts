import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import type { FloorCalls } from '../baselines/floor';
import { BASELINE_ENV } from './baseline';
import { CallProcess } from './call-process';
import { deliveryEvent, envelopesTo, recipeRecord, sealEvent, unsealEvent } from './events';
import { propertiesCalls, receiveCalls, sealCalls, unsealCalls } from './floor-calls';
import type { Operation, OperationVault } from './vault-process';

export const WAYS = ['vault', 'floor', 'recipe', 'esdk'] as const;
export type Way = (typeof WAYS)[number];

/** Makes the next event of a way, before its clock starts. */
type NextEvent = () => object | Promise<object>;

/** A way of doing an operation, in a process of its own. */
export interface RunningWay {
  readonly process: CallProcess;
  readonly next: NextEvent;
  /** throws unless a response is that of a call that did its work @default - the handler throws */
  readonly check?: ((response: unknown) => void) | undefined;
}

const BASELINE = join(__dirname, 'baseline.ts');
const bundle = (operation: Operation): string => join(__dirname, '..', '..', 'dist', 'lambda', operation, 'index.mjs');

export type RunningWays = Readonly<Partial<Record<Way, RunningWay>>>;

export async function stopWays(ways: RunningWays): Promise<void> {
  await Promise.all(Object.values(ways).map((way) => way.process.stop()));
}

/** Facts that more than one operation needs. */
export interface Prepared {
  readonly vault: OperationVault;
  /** the two sealed materials of the vault's record */
  readonly messages: readonly Uint8Array[];
}

/** Starts the ways of an operation: reading properties has no recipe, and a delivery none of the ESDK. */
export async function startWays(operation: Operation, prepared: Prepared): Promise<RunningWays> {
  const { vault } = prepared;
  const fn = vault.functions[operation];
  const events = await eventsOf(operation, prepared);
  const handler = await CallProcess.start({ file: bundle(operation), name: 'handler' }, fn);
  const variables = baselineVariables(vault);
  const baseline = async (name: string, next: NextEvent): Promise<RunningWay> => ({
    process: await CallProcess.start({ file: BASELINE, name }, { ...fn, env: { ...fn.env, ...variables } }),
    next,
  });
  return {
    vault: { process: handler, next: events.vault, check: operation === 'receive' ? requireSealed : undefined },
    floor: await baseline('floor', events.floor),
    ...(events.recipe && { recipe: await baseline(events.recipe.name, events.recipe.next) }),
    ...(events.esdk && { esdk: await baseline(events.esdk.name, events.esdk.next) }),
  };
}

function requireSealed(response: unknown): void {
  const { body } = response as { readonly body: string };
  const { code } = JSON.parse(body) as { readonly code: string };
  if (code !== 'Sealed') throw new Error(`expected a delivery to be Sealed, got ${code}`);
}

/** The recipe's webhook has its private key in the process. */
const RECIPE_KEY = generateKeyPairSync('rsa', {
  modulusLength: 4_096,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

function baselineVariables({ shareKeyArn, webhookSecret }: OperationVault): Readonly<Record<string, string>> {
  return {
    [BASELINE_ENV.keyArn]: shareKeyArn,
    [BASELINE_ENV.privateKey]: RECIPE_KEY.privateKey,
    [BASELINE_ENV.webhookSecret]: webhookSecret,
  };
}

interface Events {
  readonly vault: NextEvent;
  readonly floor: () => Promise<FloorCalls>;
  readonly recipe?: Baseline;
  readonly esdk?: Baseline;
}

interface Baseline {
  /** of the export of `baseline.ts` */
  readonly name: string;
  readonly next: NextEvent;
}

async function eventsOf(operation: Operation, { vault, messages }: Prepared): Promise<Events> {
  switch (operation) {
    case 'seal':
      return {
        vault: () => sealEvent(vault),
        floor: () => sealCalls(vault),
        recipe: { name: 'recipeSeal', next: recipeRecord },
        esdk: { name: 'esdkSeal', next: recipeRecord },
      };
    case 'unseal': {
      const calls = await unsealCalls(vault, messages);
      // one each: they share a table
      const [record, esdkRecord] = [recipeRecord(), recipeRecord()];
      return {
        vault: () => unsealEvent(vault.wallet),
        floor: () => Promise.resolve(calls),
        recipe: { name: 'recipeUnseal', next: () => record },
        esdk: { name: 'esdkUnseal', next: () => esdkRecord },
      };
    }
    case 'receive': {
      const { webhookKey, webhookSecret } = vault;
      const envelopes = envelopesTo(webhookKey.publicKey, webhookKey.kid);
      const recipeEnvelopes = envelopesTo(RECIPE_KEY.publicKey);
      return {
        vault: () => deliveryEvent(envelopes, webhookSecret),
        floor: () => receiveCalls(vault),
        recipe: { name: 'recipeReceive', next: () => deliveryEvent(recipeEnvelopes, webhookSecret) },
      };
    }
    case 'properties': {
      const calls = await propertiesCalls(vault.wallet);
      return { vault: () => ({ ...vault.wallet }), floor: () => Promise.resolve(calls) };
    }
  }
}
