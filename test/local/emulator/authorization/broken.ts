/** What a package looks like that is installed and fails as it loads. */
throw new Error('broken on purpose');

export {};
