import { createHash } from 'node:crypto';
import {
  type AccessLogEntry,
  type AuditHeadAnswer,
  type AuditLogAnswer,
  type AuditRecordsAnswer,
  type AuditVerifyAnswer,
  type ChainPosition,
  KINDS,
  type LogProblem,
  MATERIALS,
  type MaterialName,
  type PropertiesAnswer,
  type RecordMetadata,
  type RevokeAnswer,
  type SealAnswer,
  type UnsealAnswer,
} from '../lambda/contract/api';
import { type Members, list, membersOf, oneOf, optional, rejected, text, truth, uuid, whole } from './members';

/*
 * Answers, read member by member: what comes back is of the documented shape or is refused. Members that a newer vault
 * may have added are passed over, but for materials, of which there are exactly those of the kind.
 */

export function readSealAnswer(answer: unknown): SealAnswer {
  const members = membersOf(answer);
  return {
    recordId: uuid(members, 'recordId'),
    keyId: text(members, 'keyId'),
    createdAt: text(members, 'createdAt'),
    ...optional(members, 'supersededRecordId', uuid),
  };
}

/** `kind` is what was asked for. */
export function readUnsealAnswer(answer: unknown, kind: UnsealAnswer['kind']): UnsealAnswer {
  const members = membersOf(answer);
  return {
    recordId: uuid(members, 'recordId'),
    kind: oneOf(members, 'kind', [kind]),
    materials: readMaterials(membersOf(members.materials), MATERIALS[kind]),
    ...optional(members, 'publicKey', text),
    accessCount: whole(members, 'accessCount'),
  };
}

function readMaterials(members: Members, names: readonly MaterialName[]): UnsealAnswer['materials'] {
  const got = Object.keys(members);
  const exact = got.length === names.length && names.every((name) => got.includes(name));
  if (!exact) throw rejected(`expected the materials ${names.join(' and ')} alone, got others`);
  return Object.fromEntries(names.map((name) => [name, text(members, name)]));
}

export function readRevokeAnswer(answer: unknown): RevokeAnswer {
  const members = membersOf(answer);
  return { revoked: whole(members, 'revoked'), unreadableAfter: text(members, 'unreadableAfter') };
}

/** The text must be the one whose digest the vault keeps, and of the version that was asked for, if one was. */
export function readPropertiesAnswer(answer: unknown, asked: number | undefined): PropertiesAnswer {
  const members = membersOf(answer);
  const version = whole(members, 'version');
  const walletProperties = text(members, 'walletProperties');
  const sha256 = createHash('sha256').update(walletProperties, 'utf8').digest('hex');
  if (asked !== undefined && version !== asked) throw rejected('version: expected the one that was asked for');
  return {
    version,
    walletProperties,
    sha256: oneOf(members, 'sha256', [sha256]),
    createdAt: text(members, 'createdAt'),
  };
}

export function readRecordsAnswer(answer: unknown): AuditRecordsAnswer {
  const members = membersOf(answer);
  return { records: list(members, 'records', readRecord), ...optional(members, 'revokedAt', text) };
}

function readRecord(members: Members): RecordMetadata {
  return {
    recordId: uuid(members, 'recordId'),
    kind: oneOf(members, 'kind', KINDS),
    ...optional(members, 'userId', text),
    ...optional(members, 'publicKey', text),
    ...optional(members, 'shareSetId', text),
    keyId: text(members, 'keyId'),
    algorithm: text(members, 'algorithm'),
    createdAt: text(members, 'createdAt'),
    ...optional(members, 'lastAccessedAt', text),
    accessCount: whole(members, 'accessCount'),
    ...optional(members, 'supersededAt', text),
  };
}

export function readLogAnswer(answer: unknown): AuditLogAnswer {
  const members = membersOf(answer);
  return { entries: list(members, 'entries', readEntry), ...optional(members, 'next', whole) };
}

export function readEntry(members: Members): AccessLogEntry {
  return {
    sequence: whole(members, 'sequence'),
    at: text(members, 'at'),
    action: oneOf(members, 'action', ['seal', 'unseal', 'revoke']),
    outcome: text(members, 'outcome'),
    actor: text(members, 'actor'),
    requestId: text(members, 'requestId'),
    ...optional(members, 'recordId', uuid),
    ...optional(members, 'reason', text),
    previousHash: text(members, 'previousHash'),
    hash: text(members, 'hash'),
  };
}

export function readHeadAnswer(answer: unknown): AuditHeadAnswer {
  const members = membersOf(answer);
  return { length: whole(members, 'length'), head: text(members, 'head') };
}

/** @param inParts whether the request was for a part: then the answer says how far it came */
export function readVerifyAnswer(answer: unknown, inParts: boolean): AuditVerifyAnswer {
  const members = membersOf(answer);
  return {
    intact: truth(members, 'intact'),
    ...readHeadAnswer(answer),
    ...optional(members, 'brokenAt', whole),
    ...optional(members, 'problem', text),
    ...optional(members, 'problems', readProblems),
    ...optional(members, 'problemCount', whole),
    ...(inParts && { complete: truth(members, 'complete') }),
    ...optional(members, 'verifiedTo', readPosition),
  };
}

function readPosition(members: Members, name: string): ChainPosition {
  const position = membersOf(members[name]);
  return { sequence: whole(position, 'sequence'), hash: text(position, 'hash') };
}

function readProblems(members: Members, name: string): readonly LogProblem[] {
  return list(members, name, (each) => ({ sequence: whole(each, 'sequence'), problem: text(each, 'problem') }));
}
