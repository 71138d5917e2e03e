/** The variables that every step has from Gantry, beside the addresses of services. */
export const gantryVariables = [
  'CI',
  'GANTRY_EXECUTION_ID',
  'GANTRY_SUITE',
  'GANTRY_STEP',
  'GANTRY_PROFILE',
  'GANTRY_ATTEMPT',
  'GANTRY_BACKEND',
  'GANTRY_HEADERS',
  'GANTRY_ARTIFACTS',
  'GANTRY_OUTPUT',
  'GANTRY_INPUTS',
] as const;

/** Names the variables with the address of a service: `API_HOST`, `API_PORT` and `API_PORT_8080` for `api`. */
export function addressVariables({ name, ports }: { name: string; ports: readonly number[] }): string[] {
  const prefix = name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  const numbered = ports.map((port) => `${prefix}_PORT_${port}`);
  return [`${prefix}_HOST`, ...(ports.length > 0 ? [`${prefix}_PORT`] : []), ...numbered];
}
