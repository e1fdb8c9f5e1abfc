import { describe, expect, test } from '@jest/globals';
import { authorizationAvailable } from '../../../../local/emulator/authorization';
import { loadSimulator } from '../../../../local/emulator/authorization/simulator';

const ABSENT = 'share-vault-package-that-nobody-has';

describe('the package that evaluates policies', () => {
  test('is found if it is installed', async () => {
    expect(await authorizationAvailable()).toBe(true);
    expect(await loadSimulator()).toHaveProperty('runSimulation');
  });

  test('is named if it is missing, and its absence can be queried', async () => {
    await expect(loadSimulator(ABSENT)).rejects.toThrowWithCode('SimulatorMissing');
    await expect(loadSimulator(ABSENT)).rejects.toThrow(ABSENT);
    expect(await authorizationAvailable(ABSENT)).toBe(false);
  });

  test('that is installed and broken is not reported as missing', async () => {
    await expect(authorizationAvailable('../../../test/local/emulator/authorization/broken')).rejects.toThrow(
      'broken on purpose',
    );
  });
});
