import { Signer } from '@aws-sdk/rds-signer';
import type { Client } from 'pg';
import { ENV } from '../../lambda/contract/variables';
import { connectDatabase } from '../emulator/postgres/connection';
import type { Deployed } from '../emulator/deploy';

/**
 * A connection as the superuser, by itself whatever stands before the server, or as the database user of one of these
 * functions, with a token that its role signs. The caller ends it.
 */
export async function openDatabase(deployed: Deployed, functions: readonly string[], user: string): Promise<Client> {
  const { postgres } = deployed;
  if (user === 'superuser') {
    const { superuser, serverPort } = postgres;
    return connectDatabase({ ...postgres, port: serverPort }, superuser.user, superuser.password);
  }
  const name = functions.find((one) => deployed.variables(one)[ENV.dbUser] === user);
  if (name === undefined) throw new TypeError(`expected the database user of a function, got ${JSON.stringify(user)}`);
  return connectDatabase(postgres, user, await tokenOf(deployed, name, user));
}

/** Good for 15 minutes. */
function tokenOf(deployed: Deployed, name: string, username: string): Promise<string> {
  const { region, postgres } = deployed;
  const credentials = deployed.functionSession(name);
  return new Signer({ hostname: postgres.host, port: postgres.port, username, region, credentials }).getAuthToken();
}
