import { fork } from 'node:child_process';
import { join } from 'node:path';
import { messageOf, stopProcess } from './call-process';
import type { KmsLatency, OperationVault } from './vault-process';

/** A running vault, and how to slow its KMS. */
export interface SlowableVault extends OperationVault {
  setLatency(latencyMs: number): Promise<void>;
}

/** Starts a vault in another process, and ends it after the use. */
export async function withVault<T>(use: (vault: SlowableVault) => Promise<T>): Promise<T> {
  const child = fork(join(__dirname, 'vault-process.ts'), { execArgv: ['--import', 'tsx'] });
  try {
    const vault = (await messageOf(child)) as OperationVault;
    const setLatency = async (latencyMs: number): Promise<void> => {
      const set = messageOf(child);
      child.send({ latencyMs } satisfies KmsLatency);
      await set;
    };
    return await use({ ...vault, setLatency });
  } finally {
    await stopProcess(child);
  }
}
