import { CONFIRM_MINUTES, FREEZE_REQUEST, type FreezeFact, THAW_REQUEST } from '../../../lambda/contract/freezes';
import { type Schema, readBy } from '../../../lambda/contract/schema';
import type { Caller } from './fake-functions';
import { Fault } from './fault';

const MINUTE_MS = 60_000;

/** The functions `freeze` and `thaw` by their contract, without a database. */
export class FakeFreezes {
  readonly facts: FreezeFact[] = [];
  /** called before each list */
  onList: () => void = () => undefined;

  freeze(event: unknown, { actor }: Caller): object {
    const request = read(FREEZE_REQUEST, event);
    if (request.action === 'list') return this.#list();
    if (request.action === 'request-thaw') {
      const fact = this.#inForce(request.freezeId);
      const confirmUntil = new Date(new Date().getTime() + CONFIRM_MINUTES * MINUTE_MS).toISOString();
      this.#replace({ ...fact, thawRequestedBy: actor, thawRequestedAt: new Date().toISOString() });
      return { confirmUntil, inForce: this.#count() };
    }
    const { freeze, reason } = request;
    if (freeze.scope === 'actor' && freeze.name !== 'signer') throw new Fault('InvalidRequest', 'said by the vault');
    const freezeId = this.facts.length + 1;
    const frozenAt = new Date().toISOString();
    this.facts.push({ freezeId, ...freeze, reason, frozenBy: actor, frozenAt });
    return { freezeId, frozenAt, inForce: this.#count() };
  }

  thaw(event: unknown, { actor }: Caller): object {
    const request = read(THAW_REQUEST, event);
    if (request.action === 'list') return this.#list();
    const fact = this.#inForce(request.freezeId);
    const requested = Date.parse(fact.thawRequestedAt ?? '');
    const isDue = new Date().getTime() - requested <= CONFIRM_MINUTES * MINUTE_MS;
    if (!isDue || fact.thawRequestedBy === actor || fact.replayFrom !== undefined)
      throw new Fault('Conflict', 'said by the vault');
    const thawedAt = new Date().toISOString();
    this.#replace({ ...fact, thawedBy: actor, thawedAt });
    return { thawedAt, inForce: this.#count() };
  }

  #inForce(freezeId: number): FreezeFact {
    const fact = this.facts.find((each) => each.freezeId === freezeId);
    if (fact === undefined) throw new Fault('NotFound', 'said by the vault');
    if (fact.thawedAt !== undefined) throw new Fault('Conflict', 'said by the vault');
    return fact;
  }

  #replace(fact: FreezeFact): void {
    this.facts[fact.freezeId - 1] = fact;
  }

  #list(): object {
    this.onList();
    const freezes = [...this.facts].reverse().sort((a, b) => Number(a.thawedAt !== undefined) - Number(b.thawedAt !== undefined)); // prettier-ignore
    return { freezes, inForce: this.#count() };
  }

  #count(): number {
    return this.facts.filter(({ thawedAt }) => thawedAt === undefined).length;
  }
}

function read<T>(schema: Schema<T>, event: unknown): T {
  return readBy(schema, event, { name: 'request' }, (message) => new Fault('InvalidRequest', message));
}
