/** Replaces a module of a shared package by one line that returns the copy of the suite's worker. */
module.exports = {
  process: (_source, file) => ({ code: `module.exports = sharedRequire(${JSON.stringify(file)});\n` }),
};
