import { build } from '../tools/build/bundle';
import { buildDevTemplate } from '../tools/build/dev-template';
import { benchElsewhere } from './elsewhere';
import { benchEnforcement } from './enforcement';
import { benchFreeze } from './freeze';
import { benchLoad } from './load';
import { benchMessage } from './message';
import { benchProperties } from './properties';
import { benchReceive } from './receive';
import { benchReseal } from './reseal';
import { benchSynth } from './synth';
import { benchUnseal } from './unseal';

/** `npm run bench`: ratios within one run; nothing here passes or fails. */
async function main(): Promise<void> {
  await build();
  buildDevTemplate();
  await benchMessage();
  // first of those that need a vault: the next one leaves its variables in this process
  await benchEnforcement();
  await benchElsewhere();
  await benchUnseal();
  await benchFreeze();
  await benchProperties();
  await benchReceive();
  await benchLoad();
  await benchReseal();
  await benchSynth();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
