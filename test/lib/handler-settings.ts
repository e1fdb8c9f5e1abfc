/** The settings by which a handler reaches the database. */
export const DATABASE_SETTINGS = ['dbHost', 'dbPort', 'dbName', 'dbUser', 'dbCaFile', 'dbAuth'] as const;

/** Returns a function's variables as after the deploy: each reference is replaced by its value. */
export function deployedVariables(
  found: Readonly<Record<string, string>>,
  values: readonly (readonly [string | RegExp, string])[],
): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(found).map(([name, text]) => [
      name,
      values.reduce((now, [reference, value]) => now.replace(reference, value), text),
    ]),
  );
}
