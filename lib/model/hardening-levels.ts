/**
 * How much a backend takes from the containers of steps. `standard`: ordinary images run as they are. `strict`: a step
 * has no capability that it does not ask for, and may ask for few.
 */
export const hardeningLevels = ['standard', 'strict'] as const;
