export const keepWhens = ['on_failure', 'always'] as const;
