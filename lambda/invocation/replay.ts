import { KINDS } from '../contract/kinds';
import { VaultError } from '../contract/errors';
import type { FinishReplayResponse, ReplayRequest, ReplayResponse } from '../contract/tombstones';
import type { PostgresTombstones } from '../store/tombstones';
import { requireKind } from './actor';
import type { ActorCall } from './handler';
import { eachInTurn } from './settle';

/** Replays tombstones of the former database of this environment. The actor needs every kind, since a wallet's are one. */
export async function replay(
  request: ReplayRequest,
  call: ActorCall,
  { environment, tombstones }: { readonly environment: string; readonly tombstones: PostgresTombstones },
): Promise<ReplayResponse | FinishReplayResponse> {
  for (const kind of KINDS) requireKind(call.actor, kind);
  if (request.environment !== environment) {
    throw new VaultError('InvalidRequest', 'request: environment: expected tombstones of this environment, got others');
  }
  const caller = { actor: call.actor.name, requestId: call.requestId };
  if (request.action === 'finish-replay') {
    return tombstones.finish(request, caller, call.deadline);
  }
  const { reason } = request;
  const results = await eachInTurn(request.tombstones, (each) => tombstones.apply(each, reason, caller, call.deadline));
  const applied = results.filter(({ isApplied }) => isApplied).length;
  const destroyed = results.reduce((sum, result) => sum + result.destroyed, 0);
  return { applied, known: results.length - applied, destroyed };
}
