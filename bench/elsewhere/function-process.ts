import { measureBodySeals, measureBodyUnseals } from './bodies';
import { measureRecovery } from './seal-recovery';
import { measureTriggers } from './triggers';
import { measureUnseals } from './unseal-keys';

/** Measurements in a process that has a function's variables from its start, as in Lambda: Node reads some before any code runs. */
export const MEASUREMENTS = {
  unseals: measureUnseals,
  recovery: measureRecovery,
  bodySeals: measureBodySeals,
  bodyUnseals: measureBodyUnseals,
  triggers: measureTriggers,
} as const;
export type Measurement = keyof typeof MEASUREMENTS;

async function main([name, vault]: readonly string[]): Promise<void> {
  const measurement = MEASUREMENTS[name as Measurement] as (vault: unknown) => Promise<object>;
  const result = await measurement(JSON.parse(vault ?? '{}'));
  process.send?.(result, () => process.exit());
}

if (require.main === module) {
  main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
}
