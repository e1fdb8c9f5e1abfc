import type { Command } from '../command';
import { EXIT } from '../exit-codes';
import { facts } from '../layout';
import { printable } from '../printable';
import { ACTOR, JSON_OUTPUT, WALLET, walletOf } from './options';
import { printJson } from '../output';
import { shortKeyName } from './key-names';
import { withClient } from './with-client';

export const records: Command = {
  name: 'records',
  summary: 'list the records of a wallet, without any material',
  about:
    'Prints the facts of the records of a wallet: ids, kinds, keys, times and counts. It opens nothing. The keys that can open a record are shown by their short names; --json has them whole.',
  options: { ...WALLET, ...ACTOR, ...JSON_OUTPUT },
  examples: ['share-vault records --wallet ID --chain EVM', 'share-vault records --wallet ID --chain EVM --json'],

  async run(context, values) {
    const { stdout } = context;
    const wallet = walletOf(values);
    const response = await withClient(context, values, 'audit', (vault) => vault.records(wallet));
    if (values.json === true) {
      printJson(stdout, response);
      return EXIT.done;
    }
    const { records: list, ...revocations } = response;
    const shown = (value: string | number | undefined) => (value === undefined ? undefined : printable(String(value)));
    for (const { wrappedKeys, ...record } of list) {
      const keys = wrappedKeys?.map(shortKeyName).join(', ');
      const pairs = Object.entries({ ...record, keys }).map(([name, value]) => [name, shown(value)] as const);
      stdout.write(`${facts(pairs, stdout.columns)}\n`);
    }
    stdout.write(`${list.length} ${list.length === 1 ? 'record' : 'records'}\n`);
    stdout.write(facts(Object.entries(revocations), stdout.columns));
    return EXIT.done;
  },
};
