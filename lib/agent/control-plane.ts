import { openAsBlob } from 'node:fs';
import { z } from 'zod';
import type { Clock } from '../clock';
import {
  type AgentRegistration,
  type HeartbeatAnswer,
  heartbeatAnswer,
  type Registration,
  registration,
} from '../model/agent';
import { AppError, type ErrorCode, errorStatus, messageOf } from '../model/errors';
import {
  type BatchedArtifact,
  type Job,
  type JobReport,
  type JobResult,
  job,
  type LeaseAnswer,
  leaseAnswer,
  linesAnswer,
} from '../model/job';
import type { OutputLine } from '../model/log-line';
import type { ExportRule } from '../model/node';
import { type RegistryLogin, registryLogin } from '../model/registry-login';
import type { StepInput } from '../model/step-input';
import { ControlPlaneUnavailable } from './retry';
import { verifyPackage } from './verify-package';

const anything = z.unknown();
const loginAnswer = z.object({ login: registryLogin.nullable() });

/** A job by its number and the proof that it is ours. */
export interface HeldJob {
  id: string;
  leaseToken: string;
}

/**
 * The routes of the control plane that an agent may use. Everything rejects with `ControlPlaneUnavailable` when it may work later, and
 * with an AppError when the control plane said no: `unauthorized` (the token), `stale_fence` and `not_found` (the
 * job is not ours any more), `conflict`.
 */
export interface ControlPlane {
  register(agent: AgentRegistration): Promise<Registration>;
  heartbeat(beat: {
    instance: string;
    problem: string | null;
    stopping: boolean;
    environments?: string[];
  }): Promise<HeartbeatAnswer>;
  claim(
    order: { kind: 'step' | 'control'; claimId: string; instance: string; waitMs: number },
    signal: AbortSignal,
  ): Promise<Job | null>;
  lease(held: HeldJob, waitMs: number, limitMs: number, signal: AbortSignal): Promise<LeaseAnswer>;
  report(held: HeldJob, report: JobReport): Promise<void>;
  sendLines(held: HeldJob, firstSeq: number, lines: readonly OutputLine[]): Promise<number>;
  sendFile(
    held: HeldJob,
    file: { name: string; path: string; format: ExportRule['format']; sha256: string },
  ): Promise<void>;
  /** Small files at once: all are stored, or none. */
  sendFiles(held: HeldJob, files: readonly BatchedArtifact[]): Promise<void>;
  /** A tar stream, checked against its digest as it is read. */
  openPackage(held: HeldJob): Promise<AsyncIterable<Uint8Array>>;
  /** The content of one of the step's inputs, not yet checked. */
  openInput(held: HeldJob, input: StepInput): Promise<AsyncIterable<Uint8Array>>;
  /** The platform's login for the registry of the step's image; null when it has none. */
  registryLogin(held: HeldJob, host: string): Promise<RegistryLogin | null>;
  complete(held: HeldJob, result: JobResult): Promise<void>;
}

const defaultLimitMs = 15_000;
const fileLimitMs = 10 * 60_000;

export function createControlPlane(
  { clock }: { clock: Clock },
  { url, token, agentId }: { url: string; token: string; agentId: string },
): ControlPlane {
  const { send, post } = createRequests({ clock }, url, token);
  const jobPath = ({ id }: HeldJob, what: string) =>
    `/api/v1/agent-control/jobs/${encodeURIComponent(id)}/${what}`;
  const fence = ({ leaseToken }: HeldJob) => ({ agentId, leaseToken });

  return {
    register: (agent) => post('/api/v1/agents/register', agent, registration),
    heartbeat: (beat) =>
      post(`/api/v1/agents/${encodeURIComponent(agentId)}/heartbeat`, beat, heartbeatAnswer),
    claim: async (order, signal) => {
      const answer = await post(
        '/api/v1/agent-control/claims/next',
        { agentId, ...order },
        z.object({ job }).nullable(),
        order.waitMs + defaultLimitMs,
        signal,
      );
      return answer?.job ?? null;
    },
    lease: (held, waitMs, limitMs, signal) =>
      post(jobPath(held, 'lease'), { ...fence(held), waitMs }, leaseAnswer, limitMs, signal),
    report: async (held, report) => {
      await post(jobPath(held, 'state'), { ...fence(held), ...report }, anything);
    },
    sendLines: async (held, firstSeq, lines) =>
      (await post(jobPath(held, 'logs'), { ...fence(held), firstSeq, lines }, linesAnswer)).ackedSeq,
    async sendFile(held, { name, path, format, sha256 }) {
      const query = new URLSearchParams({ agentId, path, format, sha256 });
      await send(
        `${jobPath(held, 'artifacts')}?${query}`,
        {
          method: 'POST',
          body: await openAsBlob(name),
          headers: { 'content-type': 'application/octet-stream', 'x-gantry-lease-token': held.leaseToken },
        },
        fileLimitMs,
      );
    },
    async sendFiles(held, files) {
      await post(jobPath(held, 'artifacts/batch'), { ...fence(held), files }, anything, fileLimitMs);
    },
    async openPackage(held) {
      const response = await send(
        `${jobPath(held, 'package')}?${new URLSearchParams({ agentId })}`,
        { headers: { 'x-gantry-lease-token': held.leaseToken } },
        fileLimitMs,
      );
      return verifyPackage(
        response.body ?? new Blob([]).stream(),
        response.headers.get('x-gantry-sha256') ?? '',
      );
    },
    async openInput(held, { artifactId }) {
      const response = await send(
        `${jobPath(held, 'inputs')}/${encodeURIComponent(artifactId)}?${new URLSearchParams({ agentId })}`,
        { headers: { 'x-gantry-lease-token': held.leaseToken } },
        fileLimitMs,
      );
      return response.body ?? new Blob([]).stream();
    },
    registryLogin: async (held, host) =>
      (await post(jobPath(held, 'registry-login'), { ...fence(held), host }, loginAnswer)).login,
    complete: async (held, result) => {
      await post(jobPath(held, 'complete'), { ...fence(held), ...result }, anything);
    },
  };
}

/** Requests of the agent's token, each with a limit. */
function createRequests({ clock }: { clock: Clock }, url: string, token: string) {
  async function send(
    path: string,
    init: RequestInit,
    limitMs: number,
    signal?: AbortSignal,
  ): Promise<Response> {
    const over = new AbortController();
    const ended = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
    const timing = new AbortController();
    void clock.sleep(limitMs, timing.signal).then(() => {
      if (!timing.signal.aborted) over.abort();
    });
    try {
      const response = await fetch(url + path, {
        ...init,
        signal: ended,
        headers: { authorization: `Bearer ${token}`, ...init.headers },
      });
      if (!response.ok) throw await refusal(response);
      return response;
    } catch (error) {
      if (error instanceof AppError || error instanceof ControlPlaneUnavailable) throw error;
      throw new ControlPlaneUnavailable(
        over.signal.aborted ? `no answer within ${limitMs / 1000} s` : causeOf(error),
        {
          cause: error,
        },
      );
    } finally {
      timing.abort();
    }
  }

  async function post<T>(
    path: string,
    body: object,
    schema: z.ZodType<T>,
    limitMs = defaultLimitMs,
    signal?: AbortSignal,
  ): Promise<T> {
    const headers = { 'content-type': 'application/json' };
    const response = await send(
      path,
      { method: 'POST', body: JSON.stringify(body), headers },
      limitMs,
      signal,
    );
    return read(response, schema);
  }

  return { send, post };
}

async function read<T>(response: Response, schema: z.ZodType<T>): Promise<T> {
  const body: unknown = response.status === 204 ? null : await response.json().catch(cannotRead);
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ControlPlaneUnavailable(
    `the control plane answered something else than was expected (${parsed.error.issues[0]?.message})`,
  );
}

function cannotRead(error: unknown): never {
  throw new ControlPlaneUnavailable(`the answer broke off: ${messageOf(error)}`, { cause: error });
}

/** No is no, but for what may be otherwise later. */
async function refusal(response: Response): Promise<Error> {
  const { status } = response;
  const problem = z
    .object({ code: z.string(), detail: z.string() })
    .safeParse(await response.json().catch(() => null));
  const detail = problem.data?.detail ?? `the control plane answered ${status}`;
  if (status >= 500 || status === 429 || status === 408) return new ControlPlaneUnavailable(detail);
  return new AppError(codeOf(problem.data?.code, status), detail);
}

function codeOf(code: string | undefined, status: number): ErrorCode {
  const known = Object.keys(errorStatus).find((each): each is ErrorCode => each === code);
  return known ?? (status === 401 ? 'unauthorized' : 'bad_request');
}

/** fetch says "fetch failed", and its cause says why. */
function causeOf(error: unknown): string {
  return messageOf(error instanceof Error && error.cause ? error.cause : error);
}
