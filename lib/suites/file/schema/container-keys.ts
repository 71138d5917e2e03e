import { z } from 'zod';
import { asWritten } from '../yaml/scalar-source';
import { argv } from './command';
import { compileAll } from './compile-all';
import { containerLimits } from './container-limits';
import { absolutePath, mountedVolumes, placedFiles } from './files';
import { oneOrMoreUnique } from './lists';
import { memory } from './quantities';
import { looseText, variableName } from './variables';

const hostName = z
  .string('expected the name of a host')
  .regex(/^(?=.{1,253}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i);

const ipAddress = z
  .string('expected an IP address')
  .regex(new RegExp(`${z.regexes.ipv4.source}|${z.regexes.ipv6.source}`));

/** Keys of every step but nested suites that say how its image is run. */
export const containerKeys = {
  ...compileAll({
    args: z
      .preprocess(asWritten, z.array(looseText('text', 100_000), 'expected a list of arguments').max(10_000))
      .optional()
      .meta({
        description:
          "Arguments for the image's entry point, in the place of the image's command. Not together with `run`.",
        examples: [['postgres', '-c', 'max_connections=300']],
        whenAbsent: "the image's command",
        see: 'Images',
      }),
    entrypoint: z
      .preprocess(asWritten, argv)
      .optional()
      .meta({
        description:
          "The argv in the place of the image's entry point; `args` follow it, and the image's command does not. Not together with `run`.",
        examples: [['/opt/server/bin/start', '--verbose']],
        whenAbsent: "the image's entry point",
        see: 'Images',
      }),
    user: looseText('a user, such as node, 1000 or 1000:1000', 200, /^[\w.][\w.-]*(?::[\w.][\w.-]*)?$/)
      .optional()
      .meta({
        description:
          'The user that the program runs as: a name of the image or a number, with a group or without.',
        examples: ['1000:1000'],
        whenAbsent: "the image's user",
      }),
    stop_signal: z
      .string('expected the name of a signal, such as SIGINT')
      .regex(/^SIG(HUP|INT|QUIT|USR1|USR2|TERM|WINCH|RTMIN(\+([1-9]|1[0-5]))?)$/)
      .optional()
      .meta({
        description:
          'The signal that asks the program to end: `SIGTERM`, `SIGINT`, `SIGQUIT`, `SIGHUP`, `SIGUSR1`, `SIGUSR2`, `SIGWINCH`, `SIGRTMIN` or `SIGRTMIN+n`.',
        examples: ['SIGINT'],
        whenAbsent: "the image's signal, with `run` SIGTERM",
      }),
    init: z
      .boolean()
      .optional()
      .meta({
        description:
          "Without `run`: whether a small init process stands before the image's program, which hands signals on. `false` for an image with an init of its own, such as s6 or systemd.",
        examples: [false],
        whenAbsent: '`true`',
      }),
    files: placedFiles.optional(),
    volumes: mountedVolumes.optional(),
    secret_files: oneOrMoreUnique(variableName, { max: 200 })
      .optional()
      .meta({
        description:
          "Keys of the profile's secrets that this step gets as files `/run/secrets/KEY`, not as variables.",
        examples: [['DB_PASSWORD']],
        see: 'Secrets',
      }),
    tmpfs: oneOrMoreUnique(absolutePath, { max: 100 })
      .optional()
      .meta({
        description: 'Absolute paths at which the container has an empty file system in memory.',
        examples: [['/var/lib/postgresql/data']],
      }),
    shm_size: memory.optional().meta({
      description: 'The size of `/dev/shm`, which browsers and databases use.',
      examples: ['1Gi'],
      whenAbsent: '64Mi',
      see: 'Quantities',
    }),
    hostname: z
      .string('expected a host name')
      .regex(/^(?=.{1,63}$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i)
      .optional()
      .meta({
        description: 'What the container calls itself. Other steps reach it by its id all the same.',
        examples: ['queue-1'],
        whenAbsent: "the container's id",
      }),
    extra_hosts: z
      .record(hostName, ipAddress)
      .optional()
      .meta({
        description: 'Addresses by names that only this step knows.',
        examples: [{ 'pay.example': '203.0.113.7' }],
      }),
  }),
  ...containerLimits,
};
