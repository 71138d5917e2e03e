import type { Clock } from '../../clock';
import { registryOf } from '../../model/image-reference';
import type { StepWatch } from '../backend';
import { classifyPull, explainPull } from '../pull-refusal';
import { type Daemon, DaemonSilence, refusalStatus } from './daemon';
import { type Credentials, findImageLogin, type ImageLogin } from './image-login';
import { reasonOf, type WantedImage } from './images';

/** How long an answer "the registry has it" is kept. Registries count these requests as pulls. */
const hasItForMs = 5 * 60_000;
/** How long a refusal is kept. Somebody may push the image or add a login soon. */
const refusedForMs = 30_000;

export class TimeIsUp extends Error {}

export interface RegistryQuestions {
  /** Whether the engine asks registries for others. Rejects with TimeIsUp. */
  canAsk(): Promise<boolean>;
  /**
   * Resolves with why its registry will not give the image, as the end of a sentence, or with null where it will, or
   * where nobody can tell. Rejects with TimeIsUp, and with whatever hinders the question.
   */
  ask(image: WantedImage): Promise<string | null>;
}

interface Answer {
  refusal: string | null;
  keptForMs: number;
}

/** A cache of recent answers of registries, shared by all look-ups. Failures are not cached. */
export type RegistryAnswers = (image: WantedImage, ask: () => Promise<Answer>) => Promise<string | null>;

export function createRegistryAnswers(clock: Clock): RegistryAnswers {
  const known = new Map<string, { refusal: string | null; untilMs: number }>();
  return async ({ name, platform }, ask) => {
    const now = clock.monotonicMs();
    for (const [key, { untilMs }] of known) if (untilMs <= now) known.delete(key);
    const key = JSON.stringify([name, platform]);
    const before = known.get(key);
    if (before) return before.refusal;
    const { refusal, keptForMs } = await ask();
    if (keptForMs > 0) known.set(key, { refusal, untilMs: clock.monotonicMs() + keptForMs });
    return refusal;
  };
}

/** The registry requests of one look-up. It reads the login for each host once. */
export function openRegistryQuestions(
  { daemon, credentials }: { daemon: Daemon; credentials: Credentials },
  answers: RegistryAnswers,
  registryLogin: StepWatch['registryLogin'],
  {
    limitMs,
    signal,
    inTime,
  }: { limitMs: number; signal: AbortSignal; inTime<T>(work: Promise<T>): Promise<T> },
): RegistryQuestions {
  const logins = new Map<string, Promise<ImageLogin | null>>();

  function loginFor(name: string): Promise<ImageLogin | null> {
    const host = registryOf(name);
    const login = logins.get(host) ?? findImageLogin(credentials, name, registryLogin);
    logins.set(host, login);
    return login;
  }

  async function ask({ name, platform }: WantedImage): Promise<Answer> {
    const host = registryOf(name);
    const engine = await inTime(daemon.engine(limitMs));
    const login = await inTime(loginFor(name));
    try {
      await inTime(askEngine(daemon, name, login, { limitMs, signal }));
      return { refusal: null, keptForMs: hasItForMs };
    } catch (error) {
      if (error instanceof DaemonSilence || error instanceof TimeIsUp) {
        const refusal = `${host} did not tell within ${limitMs / 1000} s whether it has it${aboutHost(name, host)}`;
        return { refusal, keptForMs: 0 };
      }
      const status = refusalStatus(error);
      if (status === null) throw error;
      const said = reasonOf(error);
      const around = { image: name, host, login: login?.origin ?? null, said };
      const wanted = platform ?? `linux/${engine.architecture}`;
      return { refusal: refusalOf(status, { ...around, platform: wanted }), keptForMs: refusedForMs };
    }
  }

  return {
    // Podman has no such request.
    canAsk: async () => (await inTime(daemon.engine(limitMs))).name === 'Docker',
    ask: (image) => answers(image, () => ask(image)),
  };
}

/** Calls the engine directly, because dockerode's `distribution` cannot be aborted. */
function askEngine(
  daemon: Daemon,
  name: string,
  login: ImageLogin | null,
  { limitMs, signal }: { limitMs: number; signal: AbortSignal },
): Promise<void> {
  return daemon.call(`ask ${registryOf(name)} for ${name}`, limitMs, (docker, silence) => {
    // The engine validates the name.
    docker.getImage(name);
    const question = {
      path: `/distribution/${name}/json`,
      method: 'GET',
      statusCodes: { 200: true, 401: 'no such image', 500: 'server error' },
      authconfig: login?.authconfig,
      abortSignal: AbortSignal.any([signal, silence]),
    };
    return new Promise<void>((resolve, reject) =>
      docker.modem.dial(question, (error) => (error ? reject(error) : resolve())),
    );
  });
}

function refusalOf(status: number, around: Parameters<typeof explainPull>[1]): string {
  const { image, host, said } = around;
  const kind = classifyPull(status, said);
  if (kind === 'missing') return `${host} does not have it${aboutHost(image, host)}`;
  if (kind === 'unknown') return `${host} did not tell whether it has it${aboutHost(image, host)}: ${said}`;
  return `${explainPull(kind, around).replace(/^The image \S+ /, 'it ')}: ${said}`;
}

/** People take the first word of a name for a registry. */
function aboutHost(name: string, host: string): string {
  const [first = ''] = name.split('/', 1);
  return host === 'docker.io' && name.includes('/') && first !== 'docker.io'
    ? ` (\`${first}\` is no registry: only a name with a dot or a port is)`
    : '';
}
