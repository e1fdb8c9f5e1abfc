import { CONFIRM_MINUTES, FREEZE_REQUEST, type FreezeFact, THAW_REQUEST } from '../../../lambda/contract/freezes';
import { type Schema, readBy } from '../../../lambda/contract/schema';
import type { Caller } from './fake-functions';
import { Fault } from './fault';

const MINUTE_MS = 60_000;

/** The functions `freeze` and `thaw` by their contract, without a database. */
export class FakeFreezes {
  readonly facts: FreezeFact[] = [];
  /** by how many minutes its clock is ahead of this machine's */
  aheadMinutes = 0;

  freeze(event: unknown, { actor }: Caller): object {
    const request = read(FREEZE_REQUEST, event);
    if (request.action === 'list') return this.#list();
    if (request.action === 'request-thaw') {
      const fact = this.#inForce(request.freezeId);
      const confirmUntil = new Date(this.#now().getTime() + CONFIRM_MINUTES * MINUTE_MS).toISOString();
      this.#replace({ ...fact, thawRequestedBy: actor, thawRequestedAt: this.#now().toISOString() });
      return { confirmUntil, inForce: this.#count() };
    }
    const { freeze, reason } = request;
    if (freeze.scope === 'actor' && freeze.name !== 'signer') throw new Fault('InvalidRequest', 'said by the vault');
    const freezeId = this.facts.length + 1;
    const frozenAt = this.#now().toISOString();
    this.facts.push({ freezeId, ...freeze, reason, frozenBy: actor, frozenAt });
    return { freezeId, frozenAt, inForce: this.#count() };
  }

  thaw(event: unknown, { actor }: Caller): object {
    const request = read(THAW_REQUEST, event);
    if (request.action === 'list') return this.#list();
    const fact = this.#inForce(request.freezeId);
    const requested = Date.parse(fact.thawRequestedAt ?? '');
    const isDue = this.#now().getTime() - requested <= CONFIRM_MINUTES * MINUTE_MS;
    if (!isDue || fact.thawRequestedBy === actor) throw new Fault('Conflict', 'said by the vault');
    const thawedAt = this.#now().toISOString();
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
    const freezes = [...this.facts].reverse().sort((a, b) => Number(a.thawedAt !== undefined) - Number(b.thawedAt !== undefined)); // prettier-ignore
    return { freezes, inForce: this.#count() };
  }

  #count(): number {
    return this.facts.filter(({ thawedAt }) => thawedAt === undefined).length;
  }

  #now(): Date {
    return new Date(Date.now() + this.aheadMinutes * MINUTE_MS);
  }
}

function read<T>(schema: Schema<T>, event: unknown): T {
  return readBy(schema, event, { name: 'request' }, (message) => new Fault('InvalidRequest', message));
}
