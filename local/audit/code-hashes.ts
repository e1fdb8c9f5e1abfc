import { type Finding, show } from './finding';
import { at, type Json } from './json';
import type { Member } from './vaults';

/**
 * The archives that a release's functions run: of an asset the SHA-256 hash in the CDK's name for it, of signed code
 * the object's key.
 */
export interface CodeHashes {
  /**
   * By handler: `seal`, `unseal`, `revoke`, `properties`, `audit`, `freeze`, `thaw`, `receive`, `migrate`, `reseal`,
   * `restore-check`.
   */
  readonly handlers: Readonly<Record<string, string>>;
  /** Archives of the CDK's own functions: these run on deploy. */
  readonly helpers: readonly string[];
}

const FUNCTION = 'AWS::Lambda::Function';

/** Finds functions of a vault that run other archives. Inline code is compared with the allow-list. */
export function foreignCode(members: Iterable<Member>, hashes: CodeHashes): readonly Finding[] {
  return [...members].flatMap(({ resource, role, name }) => {
    if (role.data.type !== FUNCTION) return [];
    const code = at(resource.body, 'Properties', 'Code') as Json | undefined;
    if (at(code, 'ZipFile') !== undefined) return [];
    const got = archiveOf(code);
    const expected = expectedOf(resource.body, hashes);
    if (got !== undefined && expected.includes(got)) return [];
    return [{ resource: resource.id, path: name, property: 'Properties.Code', expected: expected.join(' or ') || 'code whose hash is given', got: got ?? show(code) }]; // prettier-ignore
  });
}

/** Returns a function's hashes. The vault's are called `share-vault-ENVIRONMENT-HANDLER`, the CDK's have no names. */
function expectedOf(body: unknown, { handlers, helpers }: CodeHashes): readonly string[] {
  const name = at(body, 'Properties', 'FunctionName');
  if (name === undefined) return helpers;
  const [, handler = ''] = /-([a-z]+)$/.exec(typeof name === 'string' ? name : '') ?? [];
  const hash = Object.hasOwn(handlers, handler) ? handlers[handler] : undefined;
  return hash === undefined ? [] : [hash];
}

/** Returns the hash in an asset's key, or in the parameters of an older bootstrap; more than one hash is none. */
function archiveOf(code: Json | undefined): string | undefined {
  const key = at(code, 'S3Key');
  const [hash, ...others] = new Set(JSON.stringify(key ?? '').match(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g) ?? []);
  if (hash !== undefined) return others.length === 0 ? hash : undefined;
  return typeof key === 'string' ? key : undefined;
}
