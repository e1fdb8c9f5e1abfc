import { PostgresStore } from '../../lambda/store/postgres';
import type { Session } from '../../lambda/store/session';

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Returns the statement that a method of the store sends: a baseline that sends it asks for the same of the database. */
export async function statementOf(ask: (store: PostgresStore) => Promise<unknown>): Promise<Statement> {
  let statement: Statement | undefined;
  const session: Pick<Session, 'query'> = {
    query: (text, values) => {
      statement = { text, values };
      return Promise.reject(new Error('expected no response'));
    },
  };
  await ask(new PostgresStore(session as Session)).catch(() => undefined);
  if (statement === undefined) throw new Error('expected a statement of the store, got none');
  return statement;
}
