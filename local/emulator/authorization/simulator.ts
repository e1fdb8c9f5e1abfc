import type { isConditionKeyArray, runSimulation, typeForContextKey } from '@cloud-copilot/iam-simulate';
import { AuthorizationError } from './errors';

/** The functions of the package that are used here. */
export interface Simulator {
  readonly runSimulation: typeof runSimulation;
  readonly typeForContextKey: typeof typeForContextKey;
  readonly isConditionKeyArray: typeof isConditionKeyArray;
}

/** The package has the AGPL licence, so it is never published with this one. Users install it themselves. */
export const SIMULATOR = '@cloud-copilot/iam-simulate';

const NOT_FOUND: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);
const loaded = new Map<string, Promise<Simulator>>();

/** Loads the package on first use. Throws `SimulatorMissing` with its name if it isn't installed. */
export function loadSimulator(name = SIMULATOR): Promise<Simulator> {
  const known = loaded.get(name) ?? load(name);
  loaded.set(name, known);
  return known;
}

/** Throws `SimulatorMissing`, with the command that installs the simulator, if it isn't installed. */
export async function requireSimulator(): Promise<void> {
  await loadSimulator();
}

/** Returns true if the simulator is installed. For callers that can also work without decisions. */
export async function authorizationAvailable(name = SIMULATOR): Promise<boolean> {
  try {
    await loadSimulator(name);
    return true;
  } catch (error) {
    if (error instanceof AuthorizationError && error.name === 'SimulatorMissing') return false;
    throw error;
  }
}

async function load(name: string): Promise<Simulator> {
  try {
    // the name is a variable, so that no bundler includes the package
    return (await import(name)) as Simulator;
  } catch (cause) {
    if (!isNotFound(cause)) throw cause;
    const how = `install it (npm install --save-dev ${name})`;
    const message = `expected the package ${name} to be installed, which evaluates policies, got none: ${how}`;
    throw new AuthorizationError('SimulatorMissing', message, { cause });
  }
}

function isNotFound(cause: unknown): boolean {
  return typeof cause === 'object' && cause !== null && 'code' in cause && NOT_FOUND.has(cause.code);
}
