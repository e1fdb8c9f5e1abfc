import { aliasesOf } from '../vault/process-env';
import type { Described } from './described';
import { markMembers } from './owned-file';
import { ADMINISTRATOR_PROFILE, profileNames } from '../vault/profile-names';

/** The facts about a vault that is ready, without a secret: the event `ready` and the file of `--ready-file`. */
export interface Ready {
  /** the program that writes it */
  readonly program: string;
  readonly process: number;
  /** rises if a member is removed or changes its meaning; members may be added without it */
  readonly format: 1;
  /** the value of `AWS_ENDPOINT_URL` */
  readonly endpoint: string;
  readonly region: string;
  /** 12 digits */
  readonly account: string;
  /** false with `--no-authorization` */
  readonly authorization: boolean;
  /** absent if the template has no vault */
  readonly environment: string | undefined;
  /** absent if the template has no vault with a webhook */
  readonly webhook:
    | {
        readonly url: string;
        /** the secret of Secrets Manager that signs deliveries */
        readonly signingSecretArn: string;
        /** the keys to which materials are encrypted: their names, and files in PEM */
        readonly keys: readonly { readonly kid: string; readonly file: string }[];
      }
    | undefined;
  /** stand-ins of services outside AWS; absent if the template's functions call none */
  readonly elsewhere:
    | {
        /** their names, such as `google` */
        readonly standIns: readonly string[];
        /** the value of `HTTPS_PROXY` */
        readonly proxy: string;
        /** the value of `NODE_EXTRA_CA_CERTS` */
        readonly caFile: string;
      }
    | undefined;
  readonly functions: readonly { readonly name: string; readonly aliases: readonly string[] }[];
  /** names of profiles in `files.profiles`; the first is the administrator's */
  readonly profiles: readonly string[];
  readonly files: {
    readonly dataDir: string;
    /** the value of `AWS_CONFIG_FILE`: it holds credentials */
    readonly profiles: string;
    /** the file of `--env-file`, if given: it holds credentials */
    readonly env: string | undefined;
  };
}

/** Returns the facts. @param envFile - the path of `--env-file` */
export function readyFacts(of: Described, envFile: string | undefined): Ready {
  const { deployed, environment, webhook, files, authorization } = of;
  const { url: endpoint, region, account, template, elsewhere } = deployed;
  const keys = [...files.keyFiles].map(([kid, file]) => ({ kid, file }));
  return {
    ...{ ...markMembers(), format: 1, endpoint, region, account, authorization, environment },
    webhook: webhook && { url: webhook.url, signingSecretArn: webhook.signing.arn, keys },
    elsewhere: elsewhere && {
      standIns: elsewhere.standIns.map(({ name }) => name),
      proxy: elsewhere.proxyUrl,
      caFile: elsewhere.caFile,
    },
    functions: template.functions().map(({ name }) => ({ name, aliases: aliasesOf(template, name) })),
    profiles: [ADMINISTRATOR_PROFILE, ...profileNames(template.roles()).values()],
    files: { dataDir: files.dataDir, profiles: files.profiles, env: envFile },
  };
}
