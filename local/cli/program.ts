/** How this program was called, for examples that can be typed again. */
export function programName(): string {
  return (process.argv[1] ?? '').endsWith('.ts') ? 'npx tsx local/cli.ts' : 'npx share-vault-local';
}
