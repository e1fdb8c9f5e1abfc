import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';

export interface Parameter {
  readonly routine: string;
  readonly name: string;
  readonly type: string;
}

/** The length of a parameter's column in characters, if not 255. */
const LIMITS: Readonly<Record<string, number>> = { p_chain: 10, p_reason: 200, p_transport_ids: 64 };

/** Reads the parameters of all writing routines from the catalog, except the one that only its procedure may call. */
export async function parameters(superuser: Client): Promise<readonly Parameter[]> {
  const { rows } = await superuser.query<Parameter>(
    `SELECT p.proname AS routine, a.name, format_type(a.type, NULL) AS type
      FROM pg_proc AS p, unnest(p.proargtypes::oid[], p.proargnames[:p.pronargs]) WITH ORDINALITY AS a (type, name, number)
      WHERE p.pronamespace = 'vault_api'::regnamespace AND p.provolatile = 'v'
        AND p.proname <> 'begin_unseal_delegated_share'
      ORDER BY p.oid, a.number`,
  );
  return rows;
}

/** Returns a call of a parameter's routine, with that one filled to its column's length and some text more. */
export function callOf(all: readonly Parameter[], filled: Parameter, more: string): string {
  const start = filled.name === 'p_chain' ? '' : randomUUID();
  const text = start.padEnd(255, 'X').slice(0, LIMITS[filled.name] ?? 255) + more;
  const values = all
    .filter(({ routine }) => routine === filled.routine)
    .map((each) => (each === filled ? filledValue(each, text) : plainValue(each)));
  if (filled.routine !== 'unseal_delegated_share') return `SELECT vault_api.${filled.routine}(${values.join()})`;
  return `CALL vault_api.unseal_delegated_share(${values.join()}, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`;
}

function filledValue({ type }: Parameter, text: string): string {
  return type === 'text[]' ? `ARRAY['${text}']` : `'${text}'`;
}

const VALUES: Readonly<Record<string, string>> = {
  p_chain: "'EVM'",
  p_wallet_properties: 'NULL',
  p_properties_sha256: 'NULL',
  p_supersedes: 'NULL',
  uuid: 'gen_random_uuid()',
  bytea: "'s'",
  bigint: '1',
  'timestamp with time zone': 'now()',
  text: 'gen_random_uuid()::text',
  'text[]': 'ARRAY[gen_random_uuid()::text]',
};

function plainValue({ name, type }: Parameter): string {
  return VALUES[name] ?? VALUES[type] ?? 'NULL';
}
