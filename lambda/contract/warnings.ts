/** How a migration's warning about a login role's own setting begins; an alarm counts log lines that have it. */
export const SETTING_RESET = 'reset a setting that a login role had';
