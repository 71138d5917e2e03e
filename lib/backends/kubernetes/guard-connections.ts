import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { KubeConfig } from '@kubernetes/client-node';
import { AppError } from '../../model/errors';
import { isLocalAddress } from '../../outgoing/address-policy';
import { refusalOf } from './loopback-addresses';

/**
 * Looks at the address of every connection that is made with a kubeconfig which came over the API: the names in it
 * may lead elsewhere than when it was vetted. One that leads to this machine is not made, and fails with AppError
 * `backend_unavailable`.
 */
export function guardConnections(config: KubeConfig): KubeConfig {
  const apply = config.applyToHTTPSOptions.bind(config);
  config.applyToHTTPSOptions = async (options) => {
    const server = config.getCurrentCluster()?.server ?? '';
    const host = URL.canParse(server) ? new URL(server).hostname.replace(/^\[|\]$/g, '') : '';
    // An address is not looked up.
    if (isIP(host) && isLocalAddress(host)) throw refusal(server, host);
    await apply(options);
    options.lookup = guarded(server);
  };
  return config;
}

function guarded(server: string): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return callback(error ?? new Error(`${hostname} has no address`), '', 0);
      const near = addresses.find(({ address }) => isLocalAddress(address));
      if (near) callback(refusal(server, near.address), '', 0);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function refusal(server: string, address: string): AppError {
  return new AppError('backend_unavailable', refusalOf(server, address));
}
