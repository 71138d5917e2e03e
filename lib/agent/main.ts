import { createDockerBackend } from '../backends/docker/docker-backend';
import { systemClock } from '../clock';
import { messageOf } from '../model/errors';
import { dockerCredentials } from '../registries/docker-credentials';
import { startAgent } from './agent';
import { createControlPlane } from './control-plane';
import { serveHealth } from './health';
import { createLineLogger } from './line-logger';
import { readSettings } from './settings';

const version = '0.6.0';

/** The first SIGTERM or Ctrl-C drains, the second one leaves at once. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const clock = systemClock;
  const logger = createLineLogger(settings.logLevel, (line) => console.log(line));
  const plane = createControlPlane({ clock }, { ...settings, agentId: settings.name });
  const agent = startAgent({
    clock,
    logger,
    plane,
    settings,
    version,
    makeBackend: (openPackage, installation) =>
      createDockerBackend(
        { clock, logger, openPackage, credentials: dockerCredentials(process.env) },
        { id: 'agent', installation, subnets: settings.subnets ?? undefined },
      ),
  });
  const health =
    settings.healthPort === null ? null : await serveHealth(settings.healthPort, () => agent.status());
  let asked = 0;
  const stop = () => {
    asked += 1;
    if (asked === 1) {
      logger.info({}, 'draining: once more to leave at once; what runs then goes on without the agent');
      agent.drain();
    } else agent.detach();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  try {
    await agent.done;
  } finally {
    health?.close();
  }
}

await main().then(
  () => process.exit(0),
  (error) => {
    console.error(messageOf(error));
    process.exit(1);
  },
);
