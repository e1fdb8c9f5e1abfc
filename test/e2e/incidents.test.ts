import { afterAll, beforeAll } from '@jest/globals';
import { runPage, runRunbook } from './incidents/runbook';
import { keyRetirement, rotation, shareKey } from './incidents/situations/keys';
import { accidentalRevocation, badRelease, lostRegion, restore, restoreDrill } from './incidents/situations/restores';
import { actor, databaseLogin, freezeDrill, freezePage, functionRole } from './incidents/situations/stolen';
import { signingSecret, webhookKey } from './incidents/situations/webhook';
import { World } from './incidents/world';

/** The runbooks share one vault, since each start of a vault takes seconds. Each leaves it thawed and in order. */
const world = new World();
beforeAll(() => world.start('first'));
afterAll(() => world.close());

runPage(world, 'incidents.md', {});
// its commands name the first freeze by its number
runPage(world, 'freeze.md', freezePage(world));
runRunbook(world, 'freeze-drill', freezeDrill(world));
runRunbook(world, 'function-role', functionRole(world));
runRunbook(world, 'actor', actor(world));
runRunbook(world, 'database-login', databaseLogin(world));
runRunbook(world, 'signing-secret', signingSecret(world));
runRunbook(world, 'release', badRelease(world));
runRunbook(world, 'rotation', rotation(world));
runRunbook(world, 'webhook-key', webhookKey(world));
runRunbook(world, 'share-key', shareKey(world));
runRunbook(world, 'key-retirement', keyRetirement(world));
runRunbook(world, 'restore', restore(world));
runRunbook(world, 'restore-drill', restoreDrill(world));
runRunbook(world, 'region', lostRegion(world));
runRunbook(world, 'revoke', accidentalRevocation(world));
