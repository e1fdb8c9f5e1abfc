import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type AwsServer, startAwsServer } from '../../../local/emulator/services';
import { LocalStates, readMachine } from '../../../local/emulator/services/states';
import { createSts } from '../../../local/emulator/services/sts';
import { useEndpoint } from '../../support/use-endpoint';
import { run } from './support/account';
import { MACHINE } from './support/rotation-account';

// a watch pauses for two seconds between its lines
jest.mock('../../../client/commands/watch', () => ({ WATCH_PAUSE_MS: 1 }));

const ROLE = { arn: 'arn:aws:iam::111122223333:role/operator', id: 'AROAEXAMPLE', account: '111122223333' };
const Work = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'work' }, End: true }; // prettier-ignore
const definition = { StartAt: 'Work', States: { Work } };
const reseal = (...args: string[]) => run(['reseal', ...args, '--environment', 'dev']);

/** What the function waits for. */
let work: Promise<null> = Promise.resolve(null);
let states: LocalStates;
let server: AwsServer;
beforeAll(async () => {
  const [name, roleArn] = [MACHINE.split(':').at(-1) ?? '', ROLE.arn];
  const machine = { name, arn: MACHINE, roleArn, machine: readMachine(definition), definition: '' };
  states = new LocalStates({ machines: [machine], invoke: async () => work });
  const principal = { ...ROLE, roleArn };
  const sts = createSts(() => ({ principal, expiresAt: Date.now() + 3_600_000 }));
  server = await startAwsServer({ services: [states, sts] });
  useEndpoint({ url: server.url });
});
afterAll(async () => {
  await states.close();
  await server.close();
});

test('share-vault reseal start --watch and stop find the execution that the local Step Functions do not show yet', async () => {
  states.lagFor(3);
  const watched = await reseal('start', '--watch');
  const { promise, resolve } = Promise.withResolvers<null>();
  work = promise;
  const started = await reseal('start');
  const stopped = await reseal('stop');
  resolve(null);

  expect(watched.code).toBe(0);
  expect(watched.stdout).toMatch(/^started: manual-\S+\n(RUNNING\n){3,}SUCCEEDED\n$/);
  expect(stopped.stdout).toBe(started.stdout.replace('started', 'stopped'));
});
