import { describe, expect, test } from '@jest/globals';
import { CONTROL_POLICIES } from '../../../../local/audit/matrix/control-policies';
import { renderMatrix } from '../../../../local/audit/matrix/table';
import { matrixVault } from './vault-app';

const vault = matrixVault('prod');

describe('the printed matrix', () => {
  test('fits a terminal, marks what is allowed, and shows what the control policy closes', async () => {
    const text = await renderMatrix(vault, CONTROL_POLICIES);
    const lines = text.split('\n');

    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(120);
    expect(lines.find((line) => line.startsWith('unseal '))).toMatch(/^unseal +- +ALLOW +- +- /);
    expect(lines.find((line) => line.startsWith('admin '))).toMatch(/^admin +- +- +- +- +ALLOW /);
    expect(lines.find((line) => line.startsWith('lambda:UpdateFunctionCode'))).toMatch(
      /ALLOW +ALLOW +- +- +ALLOW +ALLOW$/,
    );
  });
});
