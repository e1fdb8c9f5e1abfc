import { homedir } from 'node:os';

/**
 * Names a folder that doesn't exist as the home of a user without one, as of a container's user id: the AWS SDK looks
 * for profiles there even if it needs none, and fails if it finds no home at all.
 */
export function ensureHome(env: NodeJS.ProcessEnv): void {
  try {
    homedir();
  } catch {
    env.HOME = '/nonexistent';
  }
}
