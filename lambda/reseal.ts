import { RESEAL_ALIAS } from './contract/reseal-alias';
import { RESEAL_ACTOR, type ReceiptResponse, type StepResponse } from './contract/reseals';
import { aliasHandler } from './invocation/handler';
import { DB_SETTINGS } from './invocation/record-store';
import { writeReceipt } from './invocation/reseal-receipt';
import { resealStep } from './invocation/reseal-step';
import { type ResealParts, createReseals } from './invocation/reseals';
import { afterRotation } from './invocation/rotated-material';
import { readEnv } from './invocation/settings';
import { SHARE_KEY_SETTINGS, createShareKey, shareKeyIds, shareKeyMaterialId } from './invocation/share-key';
import { readResealRequest } from './requests/reseals';

function createParts(): ResealParts {
  const settings = readEnv(['environment', ...SHARE_KEY_SETTINGS, ...DB_SETTINGS]);
  return {
    environment: settings.environment,
    reseals: createReseals(settings),
    shareKey: createShareKey(settings),
    keyIds: shareKeyIds(settings),
    currentMaterialId: (signal) => shareKeyMaterialId(settings, signal),
    observedKey: (onUnwrap) => createShareKey(settings, onUnwrap),
  };
}

/**
 * Opens records and seals them again under the share key's present material: the only function that may do both. The state
 * machine calls it until nothing is left, and then for the run's receipt. It returns counts only.
 */
export const handler = aliasHandler(
  { name: 'reseal', alias: RESEAL_ALIAS, actor: RESEAL_ACTOR },
  createParts,
  async (event, { requestId, deadline, note }, parts): Promise<StepResponse | ReceiptResponse> => {
    const request = readResealRequest(event);
    const { run } = request;
    const call = { run, requestId, deadline };
    if (request.action === 'step') {
      const currentMaterialId = afterRotation(request.input, parts.currentMaterialId);
      return resealStep(call, { ...parts, currentMaterialId }, ({ resealed }) => note({ run, resealed }));
    }
    const response = await writeReceipt(call, parts);
    note({ run, receipt: response.sha256, unresealed: response.failed });
    return response;
  },
);
