import {
  AUDIT_REQUEST,
  PROPERTIES_REQUEST,
  REPLACE_PROPERTIES_REQUEST,
  REVOKE_REQUEST,
  SEAL_BATCH_REQUEST,
  SEAL_REQUEST,
  UNSEAL_BATCH_REQUEST,
  UNSEAL_ITEM,
  UNSEAL_REQUEST,
} from '../../../lambda/contract/requests';
import { type Schema, readBy } from '../../../lambda/contract/schema';
import { REPLAY_REQUEST } from '../../../lambda/contract/tombstones';
import type { Caller, FakeFunctions } from './fake-functions';
import { Fault } from './fault';

/** Reads requests by the contract's schemas, and passes them to the fake functions: a handler for each function. */
export class FakeRequests {
  /** records that fit one response */
  fitting = 100;

  constructor(private readonly functions: FakeFunctions) {}

  async seal(event: unknown, caller: Caller): Promise<object> {
    if (has(event, 'action')) return this.functions.replaceProperties(read(REPLACE_PROPERTIES_REQUEST, event));
    if (!has(event, 'items')) return this.functions.seal(read(SEAL_REQUEST, event), caller);
    const { items } = read(SEAL_BATCH_REQUEST, event);
    return settled(items, (item) => this.functions.seal(read(SEAL_REQUEST, item), caller));
  }

  async unseal(event: unknown, caller: Caller): Promise<object> {
    if (!has(event, 'items')) {
      const { kind, walletId, chain, userId, ...unsealer } = read(UNSEAL_REQUEST, event);
      return this.functions.unseal({ kind, walletId, chain, userId }, unsealer, caller);
    }
    const { items, ...unsealer } = read(UNSEAL_BATCH_REQUEST, event);
    return settled(items, async (item, at) => {
      if (at >= this.fitting) throw new Fault('BatchTooLarge', 'expected an item that fits the response');
      return this.functions.unseal(read(UNSEAL_ITEM, item), unsealer, caller);
    });
  }

  async revoke(event: unknown, caller: Caller): Promise<object> {
    if (has(event, 'action')) return this.functions.replay(read(REPLAY_REQUEST, event));
    return this.functions.revoke(read(REVOKE_REQUEST, event), caller);
  }

  properties(event: unknown): Promise<object> {
    return this.functions.properties(read(PROPERTIES_REQUEST, event));
  }

  audit(event: unknown): Promise<object> {
    return this.functions.audit(read(AUDIT_REQUEST, event));
  }
}

function read<T>(schema: Schema<T>, event: unknown): T {
  return readBy(schema, event, { name: 'request' }, (message) => new Fault('InvalidRequest', message));
}

function has(event: unknown, member: string): boolean {
  return typeof event === 'object' && event !== null && member in event;
}

async function settled(
  items: readonly unknown[],
  act: (item: unknown, at: number) => Promise<object>,
): Promise<{ readonly items: readonly object[] }> {
  const outcomes: object[] = [];
  for (const [at, item] of items.entries()) {
    outcomes.push(
      await act(item, at).catch((error: unknown) => {
        if (error instanceof Fault) return { code: error.errorType, message: error.message };
        throw error;
      }),
    );
  }
  return { items: outcomes };
}
