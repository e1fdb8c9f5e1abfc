import type { Command } from './command';
import { readSecret } from './secret-input';
import { SigningSecret } from './signing-secret';

export const webhookSecret: Command = {
  name: 'webhook-secret',
  summary: "keep the webhook's signing secret, read from standard input",
  options: {},
  positionals:
    'expected the secret on standard input, got an argument: what is typed there stays in the history of the shell, ' +
    'so have Dynamic make another secret',
  about:
    "Reads the signing secret that Dynamic's console shows for the webhook, from standard input or at a prompt that shows nothing of it, and keeps it in the vault's secret in Secrets Manager. From then on deliveries signed with it are accepted; those signed with the one before it are for 26 more hours.",
  examples: [
    'share-vault webhook-secret --environment prod',
    'share-vault webhook-secret --environment prod < secret.txt',
  ],

  async run(context) {
    const { environment, stderr } = context;
    const secret = await SigningSecret.of(context);
    const value = await readSecret(context, `Signing secret of ${environment}'s webhook: `);
    await secret.put(value);
    stderr.write(`kept in ${secret.arn}\n`);
    stderr.write(
      'deliveries signed with it are accepted within a second; with the one before it, if any, for 26 hours\n',
    );
    stderr.write(`try it:\n  share-vault webhook-test --environment ${environment}\n`);
    return 0;
  },
};
