const ts = require('typescript');

/** Prints the compiler's errors as `tsc --pretty false` does, but those in declarations of other packages. */
const { options, fileNames, errors } = ts.parseCommandLine(process.argv.slice(2));
const program = ts.createProgram(fileNames, options);
const isOwn = ({ fileName }) => !fileName.includes('/node_modules/') || fileName.includes('/@cdk-share-vault/');
const own = program.getSourceFiles().filter(isOwn);
const found = [
  ...errors,
  ...program.getOptionsDiagnostics(),
  ...program.getGlobalDiagnostics(),
  ...own.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
];
const host = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => process.cwd(),
  getNewLine: () => '\n',
};
process.stdout.write(ts.formatDiagnostics(found, host));
