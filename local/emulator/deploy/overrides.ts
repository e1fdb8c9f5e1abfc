import { ENV } from '../../../lambda/contract/variables';
import type { LocalPostgres } from '../postgres';
import type { FunctionPart, VaultTemplate } from '../template';

/**
 * A function's variables: the template's, and these in their place, since they name what stands elsewhere here. All
 * other differences to AWS come by what the template's own references lead to. (PATH is this process's: see
 * `local/emulator/services/functions/environment.ts`.)
 */
export function environmentOf(
  { environment }: FunctionPart,
  template: VaultTemplate,
  { url, postgres }: { readonly url: string; readonly postgres: LocalPostgres },
): Readonly<Record<string, string>> {
  const [database] = template.databases();
  const named = Object.keys(environment).filter((name) => name.startsWith('AWS_ENDPOINT_URL_'));
  const overrides: Readonly<Record<string, string>> = {
    // one endpoint speaks for all services, on loopback, in the clear
    ...Object.fromEntries(named.map((name) => [name, url])),
    // the authority of this machine's own PostgreSQL, not Amazon's
    [ENV.dbCaFile]: postgres.caFile,
    // the port is free here, and not for every vault on the machine
    [ENV.dbPort]: String(postgres.port),
    // one cluster is made before any template is read
    [ENV.dbName]: postgres.database,
  };
  const standing = Object.entries(overrides).filter(([name]) => name in environment);
  const isMaster = environment[ENV.dbUser] !== undefined && environment[ENV.dbUser] === database?.masterUser;
  return {
    ...environment,
    ...Object.fromEntries(standing),
    ...(isMaster && { [ENV.dbUser]: postgres.master.user }),
    AWS_ENDPOINT_URL: url,
  };
}
