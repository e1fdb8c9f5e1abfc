import { UsageError } from './command';

/** Has the AWS SDK take the credentials and the region of a profile, as a user who names one expects. */
export function selectProfile(profile: string): void {
  if (!/^[ -~]{1,100}$/.test(profile))
    throw new UsageError('--profile: expected the name of a profile, got something else');
  process.env.AWS_PROFILE = profile;
  // the SDK warns about them, and a role's name would not be the profile's
  delete process.env.AWS_ACCESS_KEY_ID;
  delete process.env.AWS_SECRET_ACCESS_KEY;
  delete process.env.AWS_SESSION_TOKEN;
}
