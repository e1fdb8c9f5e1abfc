import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { SealedMaterials } from '../../../lambda/store/store';

/** Where a data folder can have the bytes of a message: in a table, in its table for long values, in the log of changes. */
export type Place = 'table' | 'toast' | 'wal' | `other: ${string}`;

/** A part of a message that lies in one chunk of a table for long values, which has 1,996 bytes. */
const PART_BYTES = 32;
const EVERY_BYTES = 900;

/** Writes all pages to the files, and returns the places whose files have a part of one of the messages. */
export async function placesOf(
  superuser: Client,
  dataDir: string,
  table: string,
  sealed: SealedMaterials,
): Promise<readonly Place[]> {
  await superuser.query('CHECKPOINT');
  const { rows } = await superuser.query<{ table: string; toast: string }>(
    `SELECT pg_relation_filepath(c.oid) AS table, pg_relation_filepath(c.reltoastrelid) AS toast
      FROM pg_class AS c WHERE c.oid = $1::regclass`,
    [table],
  );
  const cluster = join(dataDir, 'cluster');
  const parts = Object.values(sealed).flatMap(partsOf);
  const places = readdirSync(cluster, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => hasOneOf(readFileSync(file), parts))
    .map((file): Place => {
      const name = file.slice(cluster.length + 1);
      if (name.startsWith('pg_wal/')) return 'wal';
      return name === rows[0]?.table ? 'table' : name === rows[0]?.toast ? 'toast' : `other: ${name}`;
    });
  return [...new Set(places)].sort();
}

/** The header is left out: messages of one wallet share much of it. */
function partsOf(message: Uint8Array): readonly Buffer[] {
  const count = Math.ceil(message.length / EVERY_BYTES);
  return Array.from({ length: count }, (_, i) => {
    const end = message.length - i * EVERY_BYTES;
    return Buffer.from(message.subarray(Math.max(end - PART_BYTES, 0), end));
  });
}

function hasOneOf(file: Buffer, parts: readonly Buffer[]): boolean {
  return parts.some((part) => file.includes(part));
}
