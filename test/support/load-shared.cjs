/** Replaces a module of a shared package by one line that returns the worker's copy. */
module.exports = {
  process: (_source, file) => ({ code: `module.exports = sharedRequire(${JSON.stringify(file)});\n` }),
};
