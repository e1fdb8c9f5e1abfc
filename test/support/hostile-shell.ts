/** A port where nothing listens. */
const NOWHERE = 'http://127.0.0.1:9';

/**
 * Returns the variables of a developer's shell that contradict a local vault: credentials, endpoints, FIPS, proxies,
 * PostgreSQL's clients, an unknown locale and time zone.
 */
export function hostileShell(home: string): Record<string, string> {
  return {
    HOME: home,
    ...{
      AWS_USE_FIPS_ENDPOINT: 'true',
      AWS_USE_DUALSTACK_ENDPOINT: 'true',
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
    },
    ...{ AWS_ENDPOINT_URL: NOWHERE, AWS_ENDPOINT_URL_KMS: NOWHERE, AWS_ENDPOINT_URL_LAMBDA: NOWHERE },
    ...{ AWS_ENDPOINT_URL_STS: NOWHERE, AWS_ENDPOINT_URL_SECRETS_MANAGER: NOWHERE, AWS_ENDPOINT_URL_SSM: NOWHERE },
    ...{ AWS_ACCESS_KEY_ID: 'AKIAOTHER', AWS_SECRET_ACCESS_KEY: 'other', AWS_SESSION_TOKEN: 'other' },
    ...{ AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere', AWS_ROLE_ARN: 'arn:aws:iam::999999999999:role/other' },
    ...{ AWS_PROFILE: 'other', AWS_REGION: 'eu-north-1', AWS_DEFAULT_REGION: 'eu-north-1', AWS_CA_BUNDLE: '/nowhere' },
    ...Object.fromEntries(
      ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [
        [name, NOWHERE],
        [name.toLowerCase(), NOWHERE],
      ]),
    ),
    ...{ NODE_USE_ENV_PROXY: '1', NO_PROXY: 'example.invalid', no_proxy: 'example.invalid' },
    ...{ PGHOST: '/nowhere', PGPORT: '1', PGUSER: 'other', PGDATABASE: 'other', PGPASSWORD: 'other' },
    ...{ PGSSLMODE: 'disable', PGSSLNEGOTIATION: 'direct', PGPASSFILE: '/nowhere', PGSERVICE: 'other' },
    ...{ PGOPTIONS: '-c nothing=1', PGREPLICATION: 'database', PGCLIENT_ENCODING: 'SJIS' },
    ...{ TZ: 'Nowhere/City', LANG: 'xx_YY.UTF-8', LC_ALL: 'xx_YY.UTF-8' },
  };
}
