/** Returns the command that started this program, for printed examples. `share-vault` sets `SHARE_VAULT_PROGRAM`. */
export function programName(): string {
  if (process.env.SHARE_VAULT_PROGRAM === 'share-vault') return 'npx share-vault';
  return (process.argv[1] ?? '').endsWith('.ts') ? 'npx tsx local/cli.ts' : 'npx share-vault-local';
}
