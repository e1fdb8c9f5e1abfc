/** How a migration's warning about a login role's own setting begins; an alarm counts log lines that have it. */
export const SETTING_RESET = 'reset a setting that a login role had';
/** The vault has other recovery keys from now on: their holders read every record that is sealed. */
export const RECOVERY_KEYS_CHANGED = 'recovery keys changed';
