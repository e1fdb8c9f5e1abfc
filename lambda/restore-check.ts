import { RESTORE_CHECK_ALIAS } from './contract/restore-check-alias';
import { type CheckResponse, type KeepResponse, RESTORE_CHECK_ACTOR } from './contract/restore-checks';
import { aliasHandler } from './invocation/handler';
import { DB_SETTINGS } from './invocation/record-store';
import { keepCanary } from './invocation/restore-canary';
import { checkRestore } from './invocation/restore-check';
import { daysSince, lastProven } from './invocation/last-proven';
import { type RestoreCheckParts, createRestoreChecks } from './invocation/restore-checks';
import { minutesOf } from './invocation/restore-minutes';
import { readEnv } from './invocation/settings';
import { SHARE_KEY_SETTINGS, createShareKey } from './invocation/share-key';
import { readRestoreCheckRequest } from './requests/restore-checks';

function createParts(): RestoreCheckParts {
  const settings = readEnv(['environment', ...SHARE_KEY_SETTINGS, ...DB_SETTINGS]);
  return {
    environment: settings.environment,
    shareKey: createShareKey(settings),
    checks: createRestoreChecks(settings),
    own: { host: settings.dbHost, port: settings.dbPort },
    connectTo: ({ host, port }) => createRestoreChecks({ ...settings, dbHost: host, dbPort: port }),
  };
}

/**
 * Seals canaries, and proves a restored backup with them: that its logs and records are whole and that its canary opens. It
 * opens no record: its role may use the share key with the context of canaries only.
 */
export const handler = aliasHandler(
  { name: 'restore-check', alias: RESTORE_CHECK_ALIAS, actor: RESTORE_CHECK_ACTOR },
  createParts,
  async (event, { deadline, note }, parts): Promise<KeepResponse | CheckResponse> => {
    const request = readRestoreCheckRequest(event);
    if (request.action === 'keep') {
      const response = await keepCanary({ deadline }, parts);
      note({ daysSinceRestoreTest: response.daysSinceRestoreTest });
      return response;
    }
    const response = await checkRestore(request, { deadline }, parts);
    note({ restoreJob: request.restoreJobId, restoreTest: response.status, ...minutesOf(request) });
    if (response.status === 'SUCCESSFUL') {
      const last = await lastProven({ deadline }, parts);
      note({ daysSinceRestoreTest: await daysSince(last, { deadline }, parts) });
    }
    return response;
  },
);
