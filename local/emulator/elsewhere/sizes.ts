/** Sizes of AES-256-GCM in the ciphertexts of stand-ins, in bytes. */
export const IV_BYTES = 12;
export const TAG_BYTES = 16;
/** A response that is too long for every client, as a fault: 100 MiB. */
export const HUGE_BYTES = 100 * 1024 * 1024;
