import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { AppError } from '../../model/errors';
import type { EnvironmentSpec, ResourceLedger } from '../backend';
import { defaultImage } from '../container-facts';
import { environmentLabels, environmentName } from '../labels';
import { createContainer } from './containers';
import { type Daemon, DaemonRefusal, quickMs, refusalStatus, slowMs } from './daemon';
import { findOwnContainer } from './own-container';
import { watchdogProgram } from './watchdog-program';

export interface Watchdogs {
  /** Idempotent. Without the toolbox image there is none, which rejects with `image_missing`. */
  start(environment: EnvironmentSpec): Promise<void>;
  /** Moves the deadline; nothing happens when there is no watchdog. */
  renew(executionId: string, until: string): Promise<void>;
}

/**
 * A container beside each execution that removes its environment once the deadline has passed, also when no control
 * plane is left. `socket` is where Docker's socket stands on the daemon's own machine: whoever has it rules that
 * machine, which is why there is no watchdog unless an operator asks for one.
 */
export function createWatchdogs(
  { daemon, ledger }: { daemon: Daemon; ledger: ResourceLedger },
  { installation, socket }: { installation: string; socket: string },
  onCreated: (executionId: string, kind: 'container', name: string, id: string) => void,
): Watchdogs {
  return {
    async start(environment) {
      const { executionId, deadline } = environment;
      const name = watchdogName(executionId);
      await ledger.intend(executionId, [{ kind: 'container', name, stepId: null, attempt: null }]);
      const env = { INSTALLATION: installation, EXECUTION: executionId, DEADLINE: deadline, SELF: name };
      try {
        const id = await createContainer(daemon, name, {
          Image: defaultImage,
          Entrypoint: ['node', '-e', watchdogProgram],
          Cmd: [],
          Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
          Labels: environmentLabels(installation, environment),
          HostConfig: {
            NetworkMode: 'none',
            Binds: [`${socket}:/docker.sock`],
            CapDrop: ['ALL'],
            SecurityOpt: ['no-new-privileges'],
            PidsLimit: 64,
            Memory: 128 * 1024 * 1024,
            Init: true,
            // It outlives a restart of the daemon.
            RestartPolicy: { Name: 'unless-stopped' },
          },
        });
        onCreated(executionId, 'container', name, id);
      } catch (error) {
        if (refusalStatus(error) === 404) {
          throw new AppError(
            'image_missing',
            `The watchdog needs the image ${defaultImage}: npm run toolbox.`,
            {
              cause: error,
            },
          );
        }
        if (!(error instanceof DaemonRefusal)) throw error;
        // Its name may be taken, which engines refuse in different ways. Rejects when it is somebody else's.
        const found = await findOwnContainer(daemon, { installation, executionId, container: name }).catch(
          () => null,
        );
        if (!found) throw error;
      }
      await daemon
        .call(`start the watchdog ${name}`, slowMs, (docker, abortSignal) =>
          docker.getContainer(name).start({ abortSignal }),
        )
        .catch((error: unknown) => {
          if (refusalStatus(error) !== 304) throw error;
        });
    },
    async renew(executionId, until) {
      const container = watchdogName(executionId);
      try {
        const { Id: id } = await findOwnContainer(daemon, { installation, executionId, container });
        const archive = pack();
        archive.entry({ name: 'deadline' }, `${until}\n`);
        archive.finalize();
        await daemon.call('move the deadline of a watchdog', quickMs, (docker) =>
          docker.getContainer(id).putArchive(Readable.from(archive, { objectMode: false }), { path: '/tmp' }),
        );
      } catch (error) {
        if (!(error instanceof AppError && error.code === 'not_found')) throw error;
      }
    },
  };
}

export function watchdogName(executionId: string): string {
  return `${environmentName(executionId)}-watchdog`;
}
