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
import { keepReceipts } from './store/receipt-bucket';
import type { PendingReceipts } from './store/receipts';
import { type KeepingBucket, createTombstoneBucket } from './store/tombstone-bucket';

interface Parts extends ResealParts {
  readonly pending: PendingReceipts;
  /** of receipts @default - they are in the database only */
  readonly bucket: KeepingBucket | undefined;
}

function createParts(): Parts {
  const settings = readEnv(['environment', ...SHARE_KEY_SETTINGS, ...DB_SETTINGS]);
  return {
    environment: settings.environment,
    ...createReseals(settings),
    bucket: createTombstoneBucket(),
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
    const { bucket, pending } = parts;
    if (bucket !== undefined) await keepReceipts({ bucket, pending }, run, deadline);
    return response;
  },
);
