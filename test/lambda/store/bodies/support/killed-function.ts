import { randomUUID } from 'node:crypto';
import { KINDS } from '../../../../../lambda/contract/kinds';
import { deadlineIn } from '../../../../../lambda/invocation/deadline';
import { connect } from '../../../../../lambda/store/connection';
import { sweepBodies } from '../../../../../lambda/store/bodies/sweep';
import { StoreWithBodies } from '../../../../../lambda/store/bodies/with-bodies';
import { PostgresStore } from '../../../../../lambda/store/postgres';
import { type Row, Session } from '../../../../../lambda/store/session';
import type { WalletKey } from '../../../../../lambda/store/store';
import { at, caller, newDelivery } from '../../fixtures';
import { LIMITS, newDelivered, newSealed } from '../stores';
import { FolderBodies } from './folder-bodies';

/** What the process does, and the step at which it stops and waits to be killed. */
export interface KilledTask {
  readonly settings: {
    readonly host: string;
    readonly port: number;
    readonly database: string;
    readonly caFile: string;
    readonly user: string;
    readonly password: string;
  };
  readonly folder: string;
  readonly wallet: WalletKey;
  readonly action: 'seal' | 'receive' | 'revoke' | 'receive-revoked' | 'sweep';
  /** part of a statement, or a step of the body store */
  readonly step: string;
  readonly when: 'before' | 'after';
}

const task = JSON.parse(process.argv[2] ?? '') as KilledTask;
const settings = { ...task.settings, password: () => Promise.resolve(task.settings.password) };

/** Stops for ever, before or after the step of the task. */
async function stopAt<T>(step: string, act: () => Promise<T>): Promise<T> {
  const stops = step.includes(task.step);
  if (stops && task.when === 'before') await stop();
  const result = await act();
  if (stops) await stop();
  return result;
}

async function stop(): Promise<never> {
  process.send?.('stopped');
  return new Promise(() => setInterval(() => undefined, 1_000));
}

class StoppingSession extends Session {
  override query(...call: Parameters<Session['query']>): Promise<readonly Row[]> {
    return stopAt(call[0], () => super.query(...call));
  }
}

class StoppingBodies extends FolderBodies {
  override put(...call: Parameters<FolderBodies['put']>): Promise<string> {
    return stopAt('put', () => super.put(...call));
  }

  override destroy(...call: Parameters<FolderBodies['destroy']>): Promise<void> {
    return stopAt('destroy', () => super.destroy(...call));
  }
}

const bodies = new StoppingBodies(task.folder);
const soon = () => deadlineIn(60_000);
const store = () => new StoreWithBodies(new PostgresStore(new StoppingSession(settings)), bodies, LIMITS);

async function sweep(): Promise<unknown> {
  const client = await connect(settings, soon());
  const query = client.query.bind(client) as (text: string, values?: unknown[]) => Promise<unknown>;
  const stopping = (text: string, values?: unknown[]) => stopAt(text, () => query(text, values));
  Object.assign(client, { query: stopping });
  return sweepBodies(client, bodies, soon());
}

const ACTIONS = {
  seal: () => store().seal(newSealed('delegated-share', task.wallet, { recordId: randomUUID() }), caller, soon()),
  receive: () => store().receiveCreated(newDelivered(task.wallet), newDelivery(at(1)), soon()),
  revoke: () => store().revoke(task.wallet, KINDS, 'lost', caller, soon()),
  'receive-revoked': () => store().receiveRevoked(task.wallet, newDelivery(at(2)), soon()),
  sweep,
};
void ACTIONS[task.action]().then(
  () => process.send?.('done'),
  (error: unknown) => process.send?.(String(error)),
);
