import type { Socket } from 'node:net';

/** What was sent last still arrives where the other side reads at all. */
const LAST_BYTES_MS = 1_000;

/** Passes bytes both ways, untouched; where one side ends, breaks or has ended already, the other is closed. */
export function splice(one: Socket, other: Socket): void {
  one.pipe(other);
  other.pipe(one);
  closeWith(one, other);
  closeWith(other, one);
}

/** Sends what is left to be sent, and closes. */
export function finish(socket: Socket): void {
  socket.destroySoon();
  setTimeout(() => socket.destroy(), LAST_BYTES_MS).unref();
}

function closeWith(leader: Socket, follower: Socket): void {
  if (leader.destroyed) finish(follower);
  else leader.once('close', () => finish(follower));
}
