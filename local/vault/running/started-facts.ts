import { ADMINISTRATOR_PROFILE } from '../profile-names';
import { type Profiles, profileVariables } from '../profiles';

import type { Deployed } from '../../emulator/deploy';
import { CALLER_FUNCTIONS, FUNCTION_KEYS, functionName, requireVault } from '../functions';
import { intakeKeys } from '../keys';
import { actorVariables, aliasesOf, endpointVariables } from '../process-env';
import { openWebhook } from '../webhook';
import type { Started } from './messages';

/** Returns the facts about a deployed vault, with its secrets. Fills the webhook's signing secret. */
export async function startedFacts(deployed: Deployed, profiles: Profiles): Promise<Started> {
  const { url: endpoint, region, account, administrator, template } = deployed;
  const environment = requireVault(template);
  const [webhook, keys] = await Promise.all([openWebhook(deployed, environment), intakeKeys(deployed, environment)]);
  const named = FUNCTION_KEYS.map((key) => [key, functionName(environment, key)] as const);
  const existing = named.filter(([, name]) => template.functions().some((part) => part.name === name));
  const functions = existing.map(([key, name]) => [key, { name, aliases: [...aliasesOf(template, name)] }] as const);
  const callable = CALLER_FUNCTIONS.flatMap((key) => aliasesOf(template, functionName(environment, key)));
  const [webhookKey] = webhook?.keys ?? [];
  return {
    ...{ endpoint, region, account, environment, administrator },
    functions: Object.fromEntries(functions),
    intakeKey: keys[0],
    webhook: webhook && webhookKey && { ...webhookKey, url: webhook.url, secret: webhook.signing.value },
    roles: template.roles().map(({ logicalId, name, arn }) => ({
      names: [logicalId, name, arn],
      credentials: deployed.session(logicalId),
    })),
    env: { ...endpointVariables(deployed), ...profileVariables(profiles.file, ADMINISTRATOR_PROFILE) },
    actors: Object.fromEntries(callable.map((actor) => [actor, actorVariables(deployed, environment, actor)])),
  };
}
