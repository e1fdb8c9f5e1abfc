/**
 * The member of wallet properties that says where the shares' backups are, as Dynamic's Node and Rust SDKs spell it. No
 * endpoint can give it back: a client without it ends in the SDK's own `StaleWalletProperties`.
 */
const MEMBERS = ['externalServerKeySharesBackupInfo', 'external_server_key_shares_backup_info'] as const;

/** Whether properties hold backup information: a JSON object with a filled member. Nothing else of them is read. */
export function hasBackupInfo(properties: string): boolean {
  const value = parse(properties);
  if (typeof value !== 'object' || value === null) return false;
  const members = new Map<string, unknown>(Object.entries(value));
  return MEMBERS.some((name) => isFilled(members.get(name)));
}

function isFilled(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== '' && value !== false;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
