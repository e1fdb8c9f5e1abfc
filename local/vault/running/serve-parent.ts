import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import * as v from 'valibot';
import { type Profiles, writeProfiles } from '../profiles';
import { authorizationAvailable } from '../../emulator/authorization';
import { SIMULATOR } from '../../emulator/authorization/simulator';
import { type Deployed, type Step, deployTemplate } from '../../emulator/deploy';
import type { FaultOrder } from '../../emulator/elsewhere/service-faults';
import { dataFolder } from '../data-folder';
import { requireVault } from '../functions';
import { vaultOptions } from '../options';
import { type OptionNames, preflight } from '../preflight';
import { shippedTemplate } from '../shipped';
import { type Message, OPTIONS, type ProcessOptions, REQUEST, type Request } from './messages';
import { startedFacts } from './started-facts';

const NAMES: OptionNames = { port: 'port', webhookPort: 'webhookPort', dataDir: 'dataDir' };

/**
 * Runs a vault for the process at the other end: reads options, then requests, and writes messages. Stops at the end of
 * the input, which comes too if that process is killed. Returns the exit code.
 */
export async function serveParent(input: Readable, output: Writable): Promise<number> {
  const send = (message: Message): void => void output.write(`${JSON.stringify(message)}\n`);
  // a parent that is gone reads nothing; the end of the input stops the vault
  output.on('error', () => undefined);
  const lines = createInterface({ input });
  const end = new AbortController();
  lines.once('close', () => end.abort());
  const ended = once(end.signal, 'abort');
  const pending: string[] = [];
  let handle = (line: string): void => void pending.push(line);
  const first = new Promise<string>((resolve) => lines.once('line', resolve));
  try {
    const options = v.parse(OPTIONS, JSON.parse(await Promise.race([first, ended.then(() => '{}')])));
    lines.on('line', (line) => handle(line));
    const folder = await dataFolder(options.dataDir);
    try {
      const deployed = await deploy({ ...options, dataDir: folder.dir }, send, end.signal);
      try {
        await withProfiles(folder.dir, deployed, async (profiles) => {
          send({ event: 'started', started: await startedFacts(deployed, profiles) });
          handle = (line) => void respond(deployed, v.parse(REQUEST, JSON.parse(line))).then(send);
          pending.splice(0).forEach((line) => handle(line));
          await ended;
        });
      } finally {
        await deployed.close();
      }
    } finally {
      await folder.release();
    }
    return 0;
  } catch (error) {
    if (!end.signal.aborted) send({ event: 'failed', message: messageOf(error) });
    return 1;
  }
}

/** Runs an action while the profiles exist. */
async function withProfiles(
  dir: string,
  deployed: Deployed,
  action: (profiles: Profiles) => Promise<void>,
): Promise<void> {
  const profiles = writeProfiles(dir, deployed);
  try {
    await action(profiles);
  } finally {
    profiles.remove();
  }
}

async function deploy(
  { authorization = true, ...options }: ProcessOptions,
  send: (message: Message) => void,
  end: AbortSignal,
): Promise<Deployed> {
  if (authorization && !(await authorizationAvailable())) {
    const how = `install it (npm install --save-dev ${SIMULATOR}) or pass authorization: false`;
    throw new Error(`expected the package ${SIMULATOR} to evaluate policies, got none: ${how}`);
  }
  await preflight(options, NAMES);
  const step: Step = async (label, action, describe) => {
    end.throwIfAborted();
    const result = await action();
    end.throwIfAborted();
    send({ event: 'step', text: `${label}: ${describe(result)}` });
    return result;
  };
  return deployTemplate(
    vaultOptions({
      ...{ ...options, authorization, step, check: requireVault },
      ...(options.template === undefined && options.app === undefined && shippedTemplate()),
      onCall: (call) => send({ event: 'call', call }),
    }),
  );
}

async function respond(deployed: Deployed, request: Request): Promise<Message> {
  const { id } = request;
  try {
    if (request.method === 'fire') {
      await deployed.fire(request.rule);
      return { event: 'result', id, lines: [] };
    }
    if (request.method === 'fault') {
      setFault(deployed, request.standIn, request.order);
      return { event: 'result', id, lines: [] };
    }
    const { principal, action, resource, context } = request;
    return { event: 'result', id, lines: [...(await deployed.explain(principal, action, resource, context))] };
  } catch (error) {
    return { event: 'error', id, message: messageOf(error) };
  }
}

/** Throws if the vault has no such stand-in. */
function setFault({ elsewhere }: Deployed, standIn: string, order: FaultOrder | undefined): void {
  if (elsewhere === undefined) throw new TypeError('expected a vault with stand-ins, got one without');
  elsewhere.serviceFaults.set(standIn, order);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
