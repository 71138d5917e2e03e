import { type Daemon, quickMs } from './daemon';
import { readFrames } from './frames';
import { findOwnContainer, type OwnContainer } from './own-container';

/** See `Backend.readLastLines`. */
export async function readLastLines(daemon: Daemon, target: OwnContainer, lines: number): Promise<string> {
  const { Id: id, Config: config } = await findOwnContainer(daemon, target);
  const log = await daemon.call(`read the log of ${target.container}`, quickMs, (docker, abortSignal) =>
    docker.getContainer(id).logs({ follow: false, stdout: true, stderr: true, tail: lines, abortSignal }),
  );
  if (config.Tty) return log.toString('utf8');
  const parts: Buffer[] = [];
  readFrames((_, payload) => parts.push(Buffer.from(payload)))(log);
  return Buffer.concat(parts).toString('utf8');
}
