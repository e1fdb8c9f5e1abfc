import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { useEndpoint } from '../../support/use-endpoint';
import { FakeAccount } from './fake-account';
import { vault } from './use-fake-vault';

/** The fake account of the running file: `useFakeAccount` assigns it. */
export let account: FakeAccount;

/** Starts a fake account before the tests of a file, and stops it after them. The SDK's clients call it. */
export function useFakeAccount(): void {
  beforeAll(async () => {
    account = await FakeAccount.start();
    useEndpoint({ url: account.endpoint });
  });
  beforeEach(() => {
    account.asked.length = 0;
    account.replies.length = 0;
    account.parameters.clear();
    account.pageSize = 10;
  });
  afterAll(() => account.stop());
}

/** Returns a client of the SDK whose calls of `…:function:share-vault-dev-NAME` arrive at the fake vault's `vault-NAME`. */
export function lambdaOfVault(): LambdaClient {
  const lambda = vault.lambda();
  lambda.middlewareStack.add(
    (next) => (args) => {
      const { input } = args;
      if ('FunctionName' in input) input.FunctionName = input.FunctionName?.replace(/^.*:share-vault-dev-/, 'vault-');
      return next(args);
    },
    { step: 'initialize', name: 'toFakeVault' },
  );
  return lambda;
}
