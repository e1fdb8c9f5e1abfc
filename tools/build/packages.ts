import { writeFileSync } from 'node:fs';
import { API_FILE, apiPage } from './api-page';
import { build, sizeTable } from './bundle';
import { buildClient } from './client';
import { buildConstructs } from './constructs';
import { buildDevTemplate } from './dev-template';
import { buildLocal } from './local';

/** Builds the contents of the three packages, and API.md. */
export async function buildPackages(): Promise<void> {
  console.log(sizeTable(await build()));
  buildDevTemplate();
  await buildClient();
  await buildLocal();
  buildConstructs();
  writeFileSync(API_FILE, await apiPage());
}
