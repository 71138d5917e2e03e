export const backendKinds = ['local', 'kubernetes', 'remote-agent', 'process'] as const;
