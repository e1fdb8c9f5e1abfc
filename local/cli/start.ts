import { parseArgs } from 'node:util';
import { runDemo } from '../demo/demo';
import { Report } from '../demo/report';
import { startVault } from '../vault';
import { UsageError, fromHere, readPort } from './options';
import { interrupted, stopSignal } from './stop';

/** `start`: the main job once, and what is refused. */
export async function start(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { data: { type: 'string' }, port: { type: 'string' }, 'webhook-port': { type: 'string' } },
  });
  if (positionals.length > 0) throw new UsageError('expected options alone after start');
  const report = new Report(process.stdout);
  report.heading('The vault on this machine');
  const stopped = stopSignal();
  const vault = await startVault({
    dataDir: values.data === undefined ? undefined : fromHere(values.data),
    port: readPort('--port', values.port),
    webhookPort: readPort('--webhook-port', values['webhook-port']),
    step: (label, action, describe) => report.step(label, action, describe),
  });
  try {
    // at Ctrl-C it is left where it stands: what it still asks of a stopped vault is nobody's
    const demo = runDemo(vault, report);
    demo.catch(() => undefined);
    await Promise.race([demo, stopped.then(interrupted)]);
  } finally {
    await vault.close();
  }
  report.end('All of it as it should be.');
  return 0;
}
