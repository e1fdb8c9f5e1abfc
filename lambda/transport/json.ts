import { membersOf } from './members';
import { rejected } from './rejected';

/** A text in quotes, of JSON that has been parsed already. */
const TEXT = /"(?:[^"\\]|\\.)*"/g;

/**
 * Reads a header: strict UTF-8, a JSON object whose values are no objects, no name twice. Throws `TransportRejected`.
 * `JSON.parse` keeps the last of two members of one name, where another reader may keep the first.
 */
export function parseHeader(bytes: Uint8Array): ReadonlyMap<string, unknown> {
  const text = decodeUtf8(bytes);
  const members = membersOf(parse(text));
  if (members === undefined) throw rejected('header: expected a JSON object, got another value');
  // every member has one colon outside the texts, so a hidden or a nested one makes them more than the names
  const colons = text.replace(TEXT, '').split(':').length - 1;
  if (colons !== members.size) throw rejected('header: expected each member once and none within another, got others');
  return members;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw rejected('header: expected UTF-8, got other bytes');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // the parser's own error quotes the text
    throw rejected('header: expected JSON, got another text');
  }
}
