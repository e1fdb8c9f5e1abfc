/**
 * The member of wallet properties that says where the shares' backups are, as Dynamic's Node and Rust SDKs spell it. No
 * endpoint can give it back: a client without it ends in the SDK's own `StaleWalletProperties`.
 */
const MEMBERS = ['externalServerKeySharesBackupInfo', 'external_server_key_shares_backup_info'] as const;

/**
 * Whether properties hold backup information: a JSON object with a member that has a text or a number at any depth. An
 * emptied structure holds none. Nothing else of them is read.
 */
export function hasBackupInfo(properties: string): boolean {
  const value = parse(properties.replace(/^\ufeff/, ''));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  return MEMBERS.some((name) => namesSomething(members.get(name)));
}

/** A loop and no recursion: a text can nest as deep as it is long. */
function namesSomething(value: unknown): boolean {
  const left = [value];
  for (let item = left.pop(); item !== undefined; item = left.pop()) {
    if (typeof item === 'number' || (typeof item === 'string' && item !== '')) return true;
    if (typeof item === 'object' && item !== null) for (const each of Object.values(item)) left.push(each);
  }
  return false;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
