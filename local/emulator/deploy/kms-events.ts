import type { NewEvent } from '../services/events/event';
import type { Rotated } from '../services/kms';

/** Returns the event that KMS sends when it has rotated a key's material. */
export function rotationEvent(rotated: Rotated): NewEvent {
  return {
    ...{ type: 'KMS CMK Rotation', source: 'aws.kms', resources: [rotated.arn] },
    detail: {
      'key-id': rotated.keyId,
      'key-origin': rotated.origin,
      'rotation-type': rotated.type,
      'previous-key-material-id': rotated.previousMaterialId,
      'current-key-material-id': rotated.currentMaterialId,
    },
  };
}
