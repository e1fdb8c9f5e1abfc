interface Endpoint {
  readonly url: string;
  readonly region?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** The credentials that fake endpoints accept. */
const LOCAL = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Directs all AWS clients that read their settings from the environment to this endpoint. */
export function useEndpoint({ url, region = 'eu-central-1', credentials = LOCAL }: Endpoint): void {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
  });
}
