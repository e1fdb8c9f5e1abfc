import type {
  FreezeFact,
  FreezeResponse,
  FreezeScope,
  FreezesResponse,
  RequestThawResponse,
  ThawResponse,
} from '../contract/freezes';
import type { Deadline } from '../invocation/deadline';
import { count, only, optionalText, optionalTime, text, time } from './rows';
import type { Row, Session } from './session';
import type { Caller } from './store';

const FREEZE = 'SELECT * FROM vault_api.freeze($1,$2,$3,$4,$5)';
const REQUEST_THAW = 'SELECT * FROM vault_api.request_thaw($1::bigint,$2,$3,$4)';
const CONFIRM_THAW = 'SELECT * FROM vault_api.confirm_thaw($1::bigint,$2,$3)';
const LIST = 'SELECT * FROM vault_api.list_freezes()';

/**
 * Freezes in PostgreSQL. Throws as the record store; `NotFound` for the number of no freeze, `Conflict` for one that was
 * thawed, for a confirmation without a request of the last 15 minutes, for one by the actor that asked, and for one of a
 * restored database before its tombstones were replayed.
 */
export class PostgresFreezes {
  constructor(private readonly session: Pick<Session, 'query'>) {}

  async freeze(scope: FreezeScope, reason: string, caller: Caller, deadline: Deadline): Promise<FreezeResponse> {
    const name = 'name' in scope ? scope.name : undefined;
    const values = [scope.scope, name, reason, caller.actor, caller.requestId];
    const row = only(await this.session.query(FREEZE, values, deadline));
    return {
      freezeId: count(row, 'freeze_id'),
      frozenAt: time(row, 'frozen_at').toISOString(),
      inForce: count(row, 'in_force'),
    };
  }

  async requestThaw(
    freezeId: number,
    reason: string,
    caller: Caller,
    deadline: Deadline,
  ): Promise<RequestThawResponse> {
    const values = [freezeId, reason, caller.actor, caller.requestId];
    const row = only(await this.session.query(REQUEST_THAW, values, deadline));
    return { confirmUntil: time(row, 'confirm_until').toISOString(), inForce: count(row, 'in_force') };
  }

  async confirmThaw(freezeId: number, caller: Caller, deadline: Deadline): Promise<ThawResponse> {
    const row = only(await this.session.query(CONFIRM_THAW, [freezeId, caller.actor, caller.requestId], deadline));
    return { thawedAt: time(row, 'thawed_at').toISOString(), inForce: count(row, 'in_force') };
  }

  /** Those in force, then others, newest first: at most 500. */
  async list(deadline: Deadline): Promise<FreezesResponse> {
    const rows = await this.session.query(LIST, [], deadline);
    const freezes = rows.map(freezeOf);
    return { freezes, inForce: freezes.filter(({ thawedAt }) => thawedAt === undefined).length };
  }
}

function freezeOf(row: Row): FreezeFact {
  const name = optionalText(row, 'name');
  const thawRequestedBy = optionalText(row, 'thaw_requested_by');
  const thawRequestedAt = optionalTime(row, 'thaw_requested_at')?.toISOString();
  const thawedBy = optionalText(row, 'thawed_by');
  const thawedAt = optionalTime(row, 'thawed_at')?.toISOString();
  const replayFrom = optionalTime(row, 'replay_from')?.toISOString();
  return {
    freezeId: count(row, 'freeze_id'),
    scope: text(row, 'scope'),
    ...(name !== undefined && { name }),
    reason: text(row, 'reason'),
    frozenBy: text(row, 'frozen_by'),
    frozenAt: time(row, 'frozen_at').toISOString(),
    ...(thawRequestedBy !== undefined && { thawRequestedBy }),
    ...(thawRequestedAt !== undefined && { thawRequestedAt }),
    ...(thawedBy !== undefined && { thawedBy }),
    ...(thawedAt !== undefined && { thawedAt }),
    ...(replayFrom !== undefined && { replayFrom }),
  };
}
