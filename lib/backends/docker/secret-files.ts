import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import type { StepSpec } from '../../model/step-spec';
import { type Daemon, slowMs } from './daemon';

const secretsFolder = '/run/secrets';

/** Without a name it goes with the container, and it is there where the image's file system is read-only or `/run` in memory. */
export function secretsMount({ node }: StepSpec) {
  if (node.container.secretFiles.length === 0) return [];
  return [
    {
      Type: 'volume' as const,
      Source: '',
      Target: secretsFolder,
      VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
    },
  ];
}

/** Writes the secrets that the step gets as files into its container, which was created and not yet started. */
export async function placeSecrets(
  daemon: Daemon,
  container: string,
  { stepId, node, secrets }: StepSpec,
): Promise<void> {
  const { secretFiles } = node.container;
  if (secretFiles.length === 0) return;
  const archive = pack();
  // Whoever the program runs as may read them, and nobody may write them.
  for (const key of secretFiles) archive.entry({ name: key, mode: 0o444 }, secrets[key] ?? '');
  archive.finalize();
  await daemon.call(`copy secrets into step ${stepId}`, slowMs, (docker, abortSignal) =>
    docker.getContainer(container).putArchive(Readable.from(archive, { objectMode: false }), {
      path: secretsFolder,
      abortSignal,
    }),
  );
}
