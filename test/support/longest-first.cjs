const { relative } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/** The longest suites of a run, from the longest. A fresh clone knows no durations. */
const LONGEST = [
  'tools/packages/pack',
  'local/audit/lifecycle/vault',
  'e2e/incidents',
  'local/emulator/deploy/removal',
  'local/audit/allow-list',
  'e2e/cli',
  'local/cli/serve-template',
  'e2e/webhook-outages',
  'local/cli/matrix',
  'local/audit/fresh',
  'e2e/documents',
  'local/vault/running/start-local-vault',
  'lambda/keys/elsewhere/multi-key-services',
  'lambda/keys/elsewhere/faults',
  'local/audit/matrix/matrix',
  'e2e/memory',
].map((name) => `test/${name}.test.ts`);

/**
 * Runs the longest suites first. Jest orders suites without a known duration by their files' sizes, so a long suite with a
 * short file would start last, and the other workers would wait for it.
 */
module.exports = class LongestFirst extends Sequencer {
  static LONGEST = LONGEST;

  sort(tests) {
    const sorted = super.sort([...tests]);
    const placeOf = ({ path, context }) => {
      const place = LONGEST.indexOf(relative(context.config.rootDir, path).replaceAll('\\', '/'));
      return place < 0 ? LONGEST.length : place;
    };
    return sorted.sort((one, other) => placeOf(one) - placeOf(other));
  }
};
