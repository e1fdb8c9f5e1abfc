import type { Socket } from 'node:net';

/** Maximum wait for the other side to read the last bytes. */
const LAST_BYTES_MS = 1_000;

/** Passes bytes both ways, unchanged. Closes each socket after the other ends, fails or has already ended. */
export function splice(one: Socket, other: Socket): void {
  one.pipe(other);
  other.pipe(one);
  closeWith(one, other);
  closeWith(other, one);
}

/** Sends the remaining bytes and closes. */
export function closeAfterFlush(socket: Socket): void {
  socket.destroySoon();
  setTimeout(() => socket.destroy(), LAST_BYTES_MS).unref();
}

function closeWith(leader: Socket, follower: Socket): void {
  if (leader.destroyed) closeAfterFlush(follower);
  else leader.once('close', () => closeAfterFlush(follower));
}
