import type { Writable } from 'node:stream';
import { factsOf } from './error-facts';

/**
 * Keeps outputs that can't be written, such as a closed pipe, from ending the process with a stack.
 *
 * @param onLost - gets the first error of each output by its code, such as `ENOSPC`
 */
export function guardOutputs(outputs: readonly Writable[], onLost: (code: string) => void = () => undefined): void {
  for (const output of outputs) {
    let lost = false;
    output.on('error', (error) => {
      if (!lost) onLost(factsOf(error).code ?? 'an error');
      lost = true;
    });
  }
}
