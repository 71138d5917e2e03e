import { Readable } from 'node:stream';
import type { ContainerCreateOptions } from 'dockerode';
import { z } from 'zod';
import type { Clock } from '../../clock';
import { AppError } from '../../model/errors';
import type { StepSpec } from '../../model/step-spec';
import type { ResourceIntent, ResourceLedger } from '../backend';
import { defaultImage } from '../container-facts';
import { labelNames } from '../labels';
import { inspectFile } from './container-files';
import { createContainer, inspectContainer, whileNameIsTaken } from './containers';
import { type Daemon, quickMs, refusalStatus, slowMs } from './daemon';
import { listContainers } from './listings';

/** A volume of one execution. */
export interface FilledVolume {
  /** Deterministic, and unlike that of any other execution's volume. */
  name: string;
  /** Where it is mounted. */
  folder: string;
  /** A tar stream of its files; null: the containers that mount it fill it. */
  openContent: (() => Promise<AsyncIterable<Uint8Array>>) | null;
}

export interface FilledVolumes {
  /** Resolves once the volume is there with all of its files. The step's image must be there. */
  ensure(step: StepSpec, owner: string | null, volume: FilledVolume): Promise<void>;
  /** Resolves once nothing of the execution is being filled any more, and forgets what was. */
  forget(executionId: string): Promise<void>;
}

type Labels = Record<string, string>;

const madeVolume = z.object({ Labels: z.record(z.string(), z.string()).nullish() });

/** Each volume is filled once, however many steps start at the same time. */
export function createFilledVolumes(
  { clock, daemon, ledger }: { clock: Clock; daemon: Daemon; ledger: ResourceLedger },
  installation: string,
  onCreated: (executionId: string, kind: 'volume', name: string) => void,
): FilledVolumes {
  const filled = new Map<string, Promise<void>>();

  async function ensure(step: StepSpec, owner: string | null, volume: FilledVolume): Promise<void> {
    const { name } = volume;
    if (await isMounted(name)) return;
    const filler = `${name}-filler`;
    const intents: ResourceIntent[] = [{ kind: 'volume', name, stepId: null, attempt: null }];
    if (volume.openContent) intents.push({ kind: 'container', name: filler, stepId: null, attempt: null });
    await ledger.intend(step.executionId, intents);
    const labels = {
      [labelNames.installation]: installation,
      [labelNames.execution]: step.executionId,
      [labelNames.suite]: step.suite.id,
      [labelNames.profile]: step.profile,
      ...(owner === null ? {} : { [labelNames.owner]: owner }),
      [labelNames.deadline]: step.deadline,
    };
    await createVolume(name, labels);
    onCreated(step.executionId, 'volume', name);
    if (!volume.openContent) return;
    await fill(volume, volume.openContent, filler, step.node.image ?? defaultImage, labels);
    void ledger.removed(step.executionId, 'container', filler);
  }

  async function createVolume(name: string, labels: Labels): Promise<void> {
    const made = await daemon.call(`make the volume ${name}`, quickMs, async (docker) => {
      const volume = await docker.createVolume({ Name: name, Driver: 'local', Labels: labels });
      // Creating one that is there succeeds and changes nothing: the labels tell whose it is.
      return madeVolume.parse(await volume.inspect());
    });
    if (made.Labels?.[labelNames.installation] === installation) return;
    throw foreign('volume', name);
  }

  /**
   * Steps' containers are made only after the volume was filled. One that none of them mounts may be what a
   * killed process left half filled: it is filled again.
   */
  async function isMounted(volume: string): Promise<boolean> {
    const containers = await listContainers(daemon, {
      volume: [volume],
      label: [`${labelNames.installation}=${installation}`, labelNames.step],
    });
    return containers.length > 0;
  }

  /** Through a container that is never started: engines copy into volumes only by way of one. */
  async function fill(
    volume: FilledVolume,
    openContent: NonNullable<FilledVolume['openContent']>,
    filler: string,
    image: string,
    labels: Labels,
  ): Promise<void> {
    const config: ContainerCreateOptions = {
      Image: image,
      Entrypoint: ['gantry-filler'],
      Cmd: [],
      Labels: labels,
      HostConfig: {
        NetworkMode: 'none',
        Mounts: [
          {
            Type: 'volume',
            Source: volume.name,
            Target: volume.folder,
            VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
          },
        ],
      },
    };
    const container = await whileNameIsTaken({ clock, daemon }, filler, undefined, async () => {
      await removeOldFiller(filler);
      return createContainer(daemon, filler, config);
    });
    try {
      const content = peekFirstName(await openContent());
      await daemon.call(`copy files into the volume ${volume.name}`, slowMs, (docker, abortSignal) =>
        docker.getContainer(container).putArchive(Readable.from(content.chunks(), { objectMode: false }), {
          path: volume.folder,
          abortSignal,
        }),
      );
      await checkArrival(container, volume, content.firstName());
    } finally {
      await removeFiller(container);
    }
  }

  /** A success without content is all that an engine answers: something before it may have answered in its place. */
  async function checkArrival(container: string, { name, folder }: FilledVolume, file: string | null) {
    if (file === null || (await inspectFile(daemon, container, `${folder}/${file}`))) return;
    throw new AppError(
      'backend_failed',
      `${daemon.name} said that it copied files into the volume ${name}, but they are not there. Is there a proxy before it?`,
    );
  }

  /** What a killed process left. Rejects when the name is somebody else's. */
  async function removeOldFiller(name: string): Promise<void> {
    const found = await inspectContainer(daemon, name);
    if (!found) return;
    if (found.Config.Labels?.[labelNames.installation] !== installation) throw foreign('container', name);
    await removeFiller(found.Id);
  }

  async function removeFiller(name: string): Promise<void> {
    await daemon
      .call(`remove the container ${name}`, slowMs, (docker) =>
        docker.getContainer(name).remove({ force: true, v: true }),
      )
      .catch((error: unknown) => {
        if (refusalStatus(error) !== 404) throw error;
      });
  }

  return {
    ensure(step, owner, volume) {
      const key = `${step.executionId} ${volume.name}`;
      const known = filled.get(key);
      if (known) return known;
      const filling = ensure(step, owner, volume);
      filled.set(key, filling);
      filling.catch(() => filled.delete(key));
      return filling;
    },
    async forget(executionId) {
      const own = [...filled].filter(([key]) => key.startsWith(`${executionId} `));
      await Promise.allSettled(own.map(([, filling]) => filling));
      for (const [key] of own) filled.delete(key);
    },
  };
}

function foreign(kind: string, name: string): AppError {
  return new AppError(
    'backend_failed',
    `A ${kind} called ${name} is there that is not ours; it was left alone. Rename or remove it.`,
  );
}

/** Passes a tar stream on and keeps the name in its first header, where that is a plain one. */
function peekFirstName(content: AsyncIterable<Uint8Array>) {
  let header = Buffer.alloc(0);
  return {
    async *chunks(): AsyncGenerator<Uint8Array> {
      for await (const chunk of content) {
        if (header.length < 512) header = Buffer.concat([header, chunk]).subarray(0, 512);
        yield chunk;
      }
    },
    firstName(): string | null {
      // Only of a file or folder without an extended header.
      if (!/[05\0]/.test(header.toString('latin1', 156, 157))) return null;
      const name = header.toString('utf8', 0, 100).replace(/\0.*$/s, '');
      return header.length < 512 || name === '' || header[345] !== 0 ? null : name;
    },
  };
}
