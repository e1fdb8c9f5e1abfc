/** How this program was called, for examples that can be typed again: SHARE_VAULT_PROGRAM is set by `share-vault`. */
export function programName(): string {
  if (process.env.SHARE_VAULT_PROGRAM === 'share-vault') return 'npx share-vault';
  return (process.argv[1] ?? '').endsWith('.ts') ? 'npx tsx local/cli.ts' : 'npx share-vault-local';
}
