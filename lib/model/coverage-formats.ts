/** Formats of coverage that Gantry reads. */
export const coverageFormats = ['cobertura', 'lcov', 'jacoco', 'clover', 'simplecov', 'go-cover'] as const;
