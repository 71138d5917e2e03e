import { expect, it } from 'vitest';
import { versionNote } from '@/lib/backends/kubernetes/server-version';

it.each(['v1.20.2', 'v1.36.2', '1.29.0-eks-1', 'v2.0.0', 'unknown'])(
  'has nothing to say of %s',
  (version) => {
    expect(versionNote(version)).toBeNull();
  },
);

it.each(['v1.19.16', '1.7.0'])('says that %s is older than what is tested', (version) => {
  expect(versionNote(version)).toBe('it is older than 1.20, the oldest version that Gantry is tested with');
});
