import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as v from 'valibot';
import { readJson } from '../template/template';

/** The stack, account and region of a deployment. */
export interface StackPlace {
  readonly stack: string;
  /** 12 digits */
  readonly account: string;
  readonly region: string;
}

/** The default environment of stacks without one. The account is the one of AWS's examples. */
const ANYWHERE = { account: '111122223333', region: 'us-east-1' };

const ARTIFACT = v.object({
  environment: v.optional(v.string(), ''),
  properties: v.optional(v.object({ templateFile: v.optional(v.string()), stackName: v.optional(v.string()) }), {}),
});
const MANIFEST = v.object({ artifacts: v.optional(v.record(v.string(), ARTIFACT), {}) });

const ENVIRONMENT = /^aws:\/\/(?<account>[^/]+)\/(?<region>[^/]+)$/;

/** Reads the place from the manifest beside the template, if there is one. Account and region may be missing in it. */
export function placeOf(templateFile: string): StackPlace {
  const file = basename(templateFile);
  const manifest = join(dirname(templateFile), 'manifest.json');
  const read = existsSync(manifest) ? v.safeParse(MANIFEST, readJson(manifest)) : undefined;
  const artifacts = Object.entries(read?.success === true ? read.output.artifacts : {});
  const [id, artifact] = artifacts.find(([, { properties }]) => properties.templateFile === file) ?? [];
  const { account = '', region = '' } = ENVIRONMENT.exec(artifact?.environment ?? '')?.groups ?? {};
  return {
    stack: artifact?.properties.stackName ?? id ?? file.replace(/\.template\.json$/, ''),
    account: /^\d{12}$/.test(account) ? account : ANYWHERE.account,
    region: /^[a-z]{2}(-[a-z]+)+-\d$/.test(region) ? region : ANYWHERE.region,
  };
}
