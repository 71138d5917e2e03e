/** Whose signature a trigger expects. `hmac` is any program, `standard` one that signs by Standard Webhooks. */
export const triggerProviders = ['github', 'gitlab', 'gitea', 'hmac', 'standard'] as const;
