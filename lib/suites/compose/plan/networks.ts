import type { ResolvedCompose } from '../model/resolve';
import { isMapping, type Mapping, mappingAt, type Place } from '../syntax/places';

/** Checks what networks ask for: the steps of an execution are in one network, with addresses that the engine gives. */
export function checkNetworks({ model, places, problems, notices }: ResolvedCompose, top: Place): void {
  for (const [name, value] of Object.entries(mappingAt(model, 'networks'))) {
    const network = isMapping(value) ? value : {};
    const place = places.find(model, ['networks', name], top);
    const at = `networks.${name}: `;
    if (network.external === true) {
      problems.push({
        ...place,
        message: `${at}nothing outside the suite is reached over an external network; leave "external" out, and make what is there a service`,
      });
    } else if (network.internal === true) {
      notices.push({
        ...place,
        message: `${at}"internal" does not count: steps reach what the machine reaches`,
      });
    } else if (network.driver !== undefined && network.driver !== 'bridge' && network.driver !== 'overlay') {
      problems.push({
        ...place,
        message: `${at}expected the driver "bridge", found ${JSON.stringify(network.driver)}; leave it out`,
      });
    }
  }
  const services = mappingAt(model, 'services');
  for (const [name, value] of Object.entries(services)) {
    for (const [network, options] of Object.entries(isMapping(value) ? mappingAt(value, 'networks') : {})) {
      const place = places.find(model, ['services', name, 'networks', network], top);
      const at = `services.${name}.networks.${network}: `;
      if (!Object.hasOwn(mappingAt(model, 'networks'), network)) {
        problems.push({
          ...place,
          message: `${at}expected one of "networks", found ${JSON.stringify(network)}; name it there`,
        });
      }
      if (!isMapping(options)) continue;
      if (options.ipv4_address !== undefined || options.ipv6_address !== undefined) {
        problems.push({
          ...place,
          message: `${at}addresses are given by the engine; reach the service by its name`,
        });
      }
    }
  }
  const apart = firstApart(services);
  if (!apart) return;
  const place = places.find(model, ['services', apart[0], 'networks'], top);
  const message = `${apart[0]} and ${apart[1]} share no network, yet reach each other here: all steps of an execution are in one network`;
  notices.push({ ...place, message });
}

function firstApart(services: Mapping): [string, string] | null {
  const all = Object.entries(services).map(([name, service]): [string, string[]] => [
    name,
    Object.keys(isMapping(service) ? mappingAt(service, 'networks') : {}),
  ]);
  for (const [index, [name, networks]] of all.entries()) {
    const other = all.slice(index + 1).find(([, others]) => !others.some((each) => networks.includes(each)));
    if (other) return [name, other[0]];
  }
  return null;
}
