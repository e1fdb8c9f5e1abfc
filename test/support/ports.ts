import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the system assigns by itself: Linux begins at 32768, others higher. */
const [FIRST, LAST] = [10_000, 32_000];

/** Returns a free port that the system assigns to no other process while its server is down. */
export async function lastingPort(): Promise<number> {
  const port = randomInt(FIRST, LAST);
  const probe = createServer().listen(port, '127.0.0.1');
  const free = await once(probe, 'listening').then(
    () => true,
    () => false,
  );
  if (!free) return lastingPort();
  probe.close();
  await once(probe, 'close');
  return port;
}
