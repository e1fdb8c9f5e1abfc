/** Behaves like an installed package that fails to load. */
throw new Error('broken on purpose');

export {};
