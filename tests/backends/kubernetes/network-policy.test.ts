import { expect, it } from 'vitest';
import { networkPolicy } from '@/lib/backends/kubernetes/network-policy';

const own = { 'gantry/execution': 'abc' };

it('lets steps reach the control plane where they reach little else', () => {
  expect(networkPolicy(own, { egress: 'environment', controlPlaneUrl: 'https://192.0.2.7' })).toMatchObject({
    egress: [
      { to: [{ podSelector: { matchLabels: own } }] },
      { ports: [{ port: 53 }, { port: 53 }] },
      { to: [{ ipBlock: { cidr: '192.0.2.7/32' } }], ports: [{ protocol: 'TCP', port: 443 }] },
    ],
  });
  expect(
    networkPolicy(own, { egress: 'environment', controlPlaneUrl: 'http://[2001:db8::7]:3000' }),
  ).toMatchObject({
    egress: [{}, {}, { to: [{ ipBlock: { cidr: '2001:db8::7/128' } }], ports: [{ port: 3000 }] }],
  });
});

it('knows of a name its port only', () => {
  const { egress } = Object(
    networkPolicy(own, { egress: 'environment', controlPlaneUrl: 'http://gantry.ci:3000' }),
  );
  expect(egress[2]).toEqual({ ports: [{ protocol: 'TCP', port: 3000 }] });
});

it('says nothing of a control plane that nobody has named', () => {
  const { egress } = Object(networkPolicy(own, { egress: 'environment', controlPlaneUrl: null }));
  expect(egress).toHaveLength(2);
});
