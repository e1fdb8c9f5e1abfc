import type { Variables } from '../vault/process-env';
import { markLine } from './owned-file';

/** Characters that Node's `--env-file`, Docker's `--env-file` and a shell's `source` all read as they are, unquoted. */
const PLAIN = /^[\w@%+=:,./-]*$/;

/** Returns the variables as lines of a dotenv file, without quotes. Throws if a value would need them. */
export function envFileText(variables: Variables): string {
  const lines = Object.entries(variables).map(([name, value]) => {
    if (!PLAIN.test(value)) throw new Error(`expected a value of ${name} that needs no quotes, got another one`);
    return `${name}=${value}`;
  });
  return `${[markLine(), ...lines].join('\n')}\n`;
}
