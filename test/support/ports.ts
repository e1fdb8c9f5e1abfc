import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that the system gives to whoever wants any: Linux begins at 32768, others higher. */
const [FIRST, LAST] = [10_000, 32_000];

/** A free port that stays free while its server is down for a while: nobody else is given it meanwhile. */
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
