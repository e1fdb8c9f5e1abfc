import { type DataFolder, openFolder } from '../emulator/deploy/folder';

/**
 * Returns the data folder of a deployment. Creates a temporary one here, so that its path is known; a deploy creates and
 * locks a named one.
 */
export async function dataFolder(dataDir: string | undefined): Promise<DataFolder> {
  return dataDir === undefined ? openFolder(undefined) : { dir: dataDir, release: () => Promise.resolve() };
}
