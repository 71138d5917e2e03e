const powers: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
  Ti: 1024 ** 4,
  Pi: 1024 ** 5,
  Ei: 1024 ** 6,
};

/** The number that Kubernetes writes as `250m` or `1.5Gi`; null for what is none. */
export function parseQuantity(text: string): number | null {
  const [, digits, unit = ''] = /^([+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?)([a-zA-Z]*)$/i.exec(text) ?? [];
  const power = powers[unit];
  return digits === undefined || power === undefined ? null : Number(digits) * power;
}
