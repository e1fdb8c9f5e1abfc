import { join } from 'node:path';

/** How long a test vault's webhook may take: as little as it has to, or as long as it can. */
export type Pace = 'prompt' | 'patient';

/** Its template among those of all paces. */
export function vaultFile(folder: string, pace: Pace): string {
  return join(folder, `${pace}.template.json`);
}
