import type { ComposeCase } from './compose-case';

function refused(name: string, line: string, message: string, more = ''): ComposeCase {
  return { name, files: `services:\n  app:\n    image: app\n    ${line}\n${more}`, problems: [message] };
}

/** What cannot be done safely, or not yet: each an error at its line. */
export const refusalCases: ComposeCase[] = [
  refused(
    "the engine's socket",
    'volumes: ["/var/run/docker.sock:/var/run/docker.sock"]',
    "compose.yaml:4:15 services.app.volumes[0]: a step never gets the engine's socket",
  ),
  refused(
    'a path outside the package',
    'volumes: ["../shared:/shared"]',
    'compose.yaml:4:15 services.app.volumes[0]: expected a file or folder of the suite, found "../shared"',
  ),
  refused(
    'a path of the machine',
    'volumes: ["/etc/passwd:/x:ro"]',
    'compose.yaml:4:15 services.app.volumes[0]: expected a file or folder of the suite, found "/etc/passwd"',
  ),
  refused(
    'a path of the home folder',
    'volumes: ["~/.aws:/aws"]',
    'compose.yaml:4:15 services.app.volumes[0]: expected a file or folder of the suite',
  ),
  refused(
    'privileged',
    'privileged: true',
    'compose.yaml:4:5 services.app.privileged: it gives the container power over the machine',
  ),
  refused(
    "the machine's network",
    'network_mode: host',
    'compose.yaml:4:5 services.app.network_mode: every step is in the network of its execution',
  ),
  refused(
    "the machine's processes",
    'pid: host',
    'compose.yaml:4:5 services.app.pid: steps share nothing but the network',
  ),
  refused(
    'devices',
    'devices: ["/dev/kvm:/dev/kvm"]',
    'compose.yaml:4:5 services.app.devices: a step has no devices of the machine',
  ),
  refused(
    'replicas',
    'scale: 2',
    'compose.yaml:4:5 services.app.scale: not supported yet: a step is one container, found 2',
  ),
  refused(
    "the machine's address",
    'extra_hosts: ["me:host-gateway"]',
    'compose.yaml:4:5 services.app.extra_hosts[0]: me leads to the machine itself',
  ),
  refused(
    'unconfined',
    'security_opt: ["seccomp:unconfined"]',
    'compose.yaml:4:5 services.app.security_opt: a step always has no-new-privileges',
  ),
  refused(
    'name servers',
    'dns: 1.1.1.1',
    'compose.yaml:4:5 services.app.dns: names are resolved by the network',
  ),
  refused(
    'an address of its own',
    'networks: { n: { ipv4_address: 10.0.0.2 } }',
    'compose.yaml:4:17 services.app.networks.n: addresses are given by the engine',
    'networks: { n: }\n',
  ),
  refused(
    'an external network',
    'networks: [n]',
    'compose.yaml:5:13 networks.n: nothing outside the suite is reached over an external network',
    'networks: { n: { external: true } }\n',
  ),
  refused(
    'an external volume',
    'volumes: ["v1:/v"]',
    'compose.yaml:4:15 services.app.volumes[0]: the volume v1 is external',
    'volumes: { v1: { external: true } }\n',
  ),
  {
    name: 'no service at all',
    files: 'services: {}\n',
    problems: ['compose.yaml:1:1 expected at least one service in "services", found none'],
  },
  {
    name: 'a service without an image',
    files: 'services:\n  app:\n    user: root\n',
    problems: ['compose.yaml:2:3 services.app: expected "image" or "build", found neither'],
  },
];
