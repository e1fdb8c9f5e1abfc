import { join } from 'node:path';
import { synthesized } from '../../../support/synthesized';

export const APPS = ['several-stacks', 'nested-legacy'] as const;
export type AppName = (typeof APPS)[number];

/** ARN of the secret with a private key that exists outside of the app's stacks. */
export const IMPORTED_KEY = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:delegation-key-a1b2c3';

/** Returns the cloud assembly of an app. */
export function assembly(name: AppName): string {
  return join(synthesized(join(__dirname, 'app-stacks.ts')), name);
}
