/** How functions show their identity to Google Cloud. Both ways work without a stored credential. */
export enum GoogleLogin {
  /**
   * A web identity token of AWS STS. It names the role and the function. The account needs its switch for outbound web
   * identity federation, and an isolated network needs an endpoint for STS.
   */
  TOKEN = 'token',
  /**
   * A signed `GetCallerIdentity`. It names the role's session. It needs neither the account's switch nor an endpoint.
   */
  SIGNATURE = 'signature',
}
