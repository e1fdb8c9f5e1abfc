import { Signer } from '@aws-sdk/rds-signer';
import type { Client } from 'pg';
import { ENV } from '../../lambda/contract/variables';
import type { Deployed } from '../emulator/deploy';
import { connectDatabase } from '../emulator/postgres/connection';

/**
 * Connects as the superuser, past the login proxy, or as the database user of a function, with a token that the
 * function's role signs. The caller ends the connection.
 */
export async function openDatabase(deployed: Deployed, functions: readonly string[], user: string): Promise<Client> {
  const { postgres } = deployed;
  if (user === 'superuser') {
    const { superuser, serverPort } = postgres;
    return connectDatabase({ ...postgres, port: serverPort }, superuser.user, superuser.password);
  }
  const name = functions.find((each) => deployed.variables(each)[ENV.dbUser] === user);
  if (name === undefined) throw new TypeError(`expected the database user of a function, got ${JSON.stringify(user)}`);
  return connectDatabase(postgres, user, await tokenOf(deployed, name, user));
}

/** Returns an IAM token for a login, valid for 15 minutes. */
function tokenOf(deployed: Deployed, name: string, username: string): Promise<string> {
  const { region, postgres } = deployed;
  const credentials = deployed.functionSession(name);
  return new Signer({ hostname: postgres.host, port: postgres.port, username, region, credentials }).getAuthToken();
}
