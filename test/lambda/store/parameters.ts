import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { KINDS, type Kind } from '../../../lambda/contract/kinds';

/** A parameter, or a member of the JSON objects that one has: `p_records.chain`. */
export interface Parameter {
  readonly routine: string;
  readonly name: string;
  readonly type: string;
  /** the kind of record, for members */
  readonly kind?: Kind;
}

/** The JSON parameters, and the types whose attributes are their members. */
const JSON_TYPES = { p_records: 'vault.new_record', p_items: 'vault.unseal_item' };

/** Reads the parameters of all writing routines from the catalog, except those that only a procedure may call. */
export async function parameters(superuser: Client): Promise<readonly Parameter[]> {
  const { rows } = await superuser.query<Parameter>(
    `SELECT p.proname AS routine, a.name, format_type(a.type, NULL) AS type
      FROM pg_proc AS p, unnest(p.proargtypes::oid[], p.proargnames[:p.pronargs]) WITH ORDINALITY AS a (type, name, number)
      WHERE p.pronamespace = 'vault_api'::regnamespace AND p.provolatile = 'v' AND p.proname NOT LIKE 'begin\\_%'
      ORDER BY p.oid, a.number`,
  );
  const members = await Promise.all(
    Object.entries(JSON_TYPES).map(async ([name, type]) => {
      const routine = rows.find((each) => each.name === name)?.routine ?? '';
      return (await attributes(superuser, type)).flatMap((each) =>
        KINDS.map((kind) => ({ routine, name: `${name}.${each.name}`, type: each.type, kind })),
      );
    }),
  );
  return [...rows, ...members.flat()];
}

async function attributes(superuser: Client, type: string): Promise<readonly Pick<Parameter, 'name' | 'type'>[]> {
  const { rows } = await superuser.query<Pick<Parameter, 'name' | 'type'>>(
    `SELECT attname AS name, format_type(atttypid, NULL) AS type FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 ORDER BY attnum`,
    [type],
  );
  return rows;
}

/** Returns the length of a parameter's column in characters. */
function limitOf(name: string): number {
  if (name.endsWith('chain')) return 10;
  if (name.endsWith('reason')) return 200;
  return name.endsWith('transport_ids') ? 64 : 255;
}

/** Returns a call of a parameter's routine, with that one filled to its column's length and some text more. */
export function callOf(all: readonly Parameter[], filled: Parameter, more: string): string {
  const start = filled.name.endsWith('chain') ? '' : randomUUID();
  const text = start.padEnd(255, 'X').slice(0, limitOf(filled.name)) + more;
  const valueOf = (each: Parameter) => (each === filled ? filledValue(each, text) : plainValue(each));
  const { routine, kind = 'delegated-share' } = filled;
  const ofRoutine = all.filter((each) => each.routine === routine);
  const values = ofRoutine
    .filter(({ name }) => !name.includes('.'))
    .map((each) => {
      if (each.type !== 'json' || `${routine} ${each.name}` in VALUES) return valueOf(each);
      return jsonOf(
        ofRoutine.filter(({ name, kind: own }) => name.startsWith(`${each.name}.`) && own === kind),
        valueOf,
      );
    });
  const outs = OUTS[routine];
  if (outs === undefined) return `SELECT vault_api.${routine}(${values.join()})`;
  return `CALL vault_api.${routine}(${values.join()}${', NULL'.repeat(outs)})`;
}

/** The procedures, and how many OUT parameters each has. */
const OUTS: Readonly<Record<string, number>> = {
  finish_reseals: 1,
  reseal_records: 1,
  sample_reseals: 1,
  unseal_delegated_share: 9,
  unseal_records: 1,
};

/** Returns a list of one object with these members. */
function jsonOf(members: readonly Parameter[], valueOf: (member: Parameter) => string): string {
  const pairs = members.map((each) => `'${each.name.replace(/.*[.]/, '')}', ${valueOf(each)}`);
  return `json_build_array(json_build_object(${pairs.join()}))`;
}

function filledValue({ type }: Parameter, text: string): string {
  return type === 'text[]' ? `ARRAY['${text}']` : `'${text}'`;
}

/** A wallet that exists in a database of these calls. */
export const KNOWN = ['known', 'EVM'] as const;

const VALUES: Readonly<Record<string, string>> = {
  'replace_properties p_wallet_id': `'${KNOWN[0]}'`,
  // another text in each call
  'replace_properties p_properties': 'now()::text',
  'replace_properties p_sha256': "sha256(convert_to(now()::text, 'UTF8'))",
  'replace_properties p_expected_version': `(SELECT properties_version FROM vault.wallets WHERE wallet_id = '${KNOWN[0]}')`,
  'freeze p_scope': "'actor'",
  'finish_reseal p_item': `'{"record_id":"00000000-0000-0000-0000-000000000000"}'`,
  'finish_reseals p_items': "'[]'",
  'start_reseal p_run': 'gen_random_uuid()::text',
  // one that goes on; the receipt is of one that ended
  run: "'running'",
  'end_reseal p_run': "'ended'",
  'write_reseal_receipt p_run': "'ended'",
  'write_reseal_receipt p_receipt': `'{"run":"ended"}'`,
  'revoke_kinds p_kinds': "ARRAY['delegated-share']",
  // one that is in force, and that another actor asked to thaw
  freeze_id: "(SELECT min(id) FROM vault.freezes WHERE thawed_at IS NULL AND thaw_requested_by = 'asker')",
  chain: "'EVM'",
  key_material_id: "''",
  wallet_properties: 'NULL',
  properties_sha256: 'NULL',
  supersedes: 'NULL',
  expected_version: 'NULL',
  uuid: 'gen_random_uuid()',
  bytea: "'s'",
  bigint: '1',
  integer: '1',
  boolean: 'false',
  'timestamp with time zone': 'now()',
  text: 'gen_random_uuid()::text',
  'uuid[]': "'{}'",
  'timestamp with time zone[]': 'ARRAY[now()]',
  'text[]': 'ARRAY[gen_random_uuid()::text]',
};

function plainValue({ routine, name, type, kind }: Parameter): string {
  if (name.endsWith('.kind')) return `'${kind}'`;
  return VALUES[`${routine} ${name}`] ?? VALUES[name.replace(/^p_(.*[.])?/, '')] ?? VALUES[type] ?? 'NULL';
}
