import { KINDS } from '../contract/kinds';
import { VaultError } from '../contract/errors';
import type { FinishReplayResponse, ReplayBucketResponse, ReplayRequest, ReplayResponse } from '../contract/tombstones';
import { type BucketReplay, replayBucket } from '../store/tombstone-replay';
import type { PostgresTombstones } from '../store/tombstones';
import { requireKind } from './actor';
import type { ActorCall } from './handler';
import { eachInTurn } from './settle';

/** Replays tombstones of the former database of this environment. The actor needs every kind, since a wallet's are one. */
export async function replay(
  request: ReplayRequest,
  call: ActorCall,
  parts: BucketReplay & { readonly tombstones: PostgresTombstones },
): Promise<ReplayResponse | ReplayBucketResponse | FinishReplayResponse> {
  const { environment, tombstones } = parts;
  for (const kind of KINDS) requireKind(call.actor, kind);
  if (request.environment !== environment) {
    throw new VaultError('InvalidRequest', 'request: environment: expected tombstones of this environment, got others');
  }
  const caller = { actor: call.actor.name, requestId: call.requestId };
  if (request.action === 'finish-replay') {
    return tombstones.finish(request, caller, call.deadline);
  }
  if (request.action === 'replay-bucket') return replayBucket(request, caller, parts, call.deadline);
  const { reason } = request;
  const results = await eachInTurn(request.tombstones, (each) => tombstones.apply(each, reason, caller, call.deadline));
  const applied = results.filter(({ isApplied }) => isApplied).length;
  const destroyed = results.reduce((sum, result) => sum + result.destroyed, 0);
  return { applied, known: results.length - applied, destroyed };
}
