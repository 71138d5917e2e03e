import type { Clock } from '../clock';
import type { Principal } from '../identity/principal';
import type {
  AuditAction,
  AuditActor,
  AuditDetail,
  AuditOutcome,
  AuditSubjectKind,
  NewAuditEntry,
} from '../model/audit';
import { AppError, messageOf } from '../model/errors';
import type { Logger } from '../model/logger';
import type { Store } from '../store/store';
import type { RouteRequest } from './route-request';

/** What a route does, as the audit log knows it. */
export interface AuditedAct {
  action: AuditAction;
  /** Of the subject, which is the `id` in the path unless the route says another. */
  subject: AuditSubjectKind;
  /** It is done thousands of times, and is news only when someone asks for what is not theirs. */
  isRoutine?: boolean;
}

export interface AuditNote {
  action?: AuditAction;
  subject?: { kind: AuditSubjectKind; id: string };
  actor?: AuditActor;
  detail?: AuditDetail;
  outcome?: AuditOutcome;
}

/** Writes what is done into the audit log; nothing of a route that does nothing that it knows. */
export interface AuditTrail {
  /**
   * For what must not happen unrecorded: call it before the act. Rejects as the store does, and then the act must not
   * go on. Several notes are several entries.
   */
  record(...notes: AuditNote[]): Promise<void>;
  /**
   * For what has happened, or cannot be taken back: when it cannot be written, the server's log gets the entry
   * instead, as an error. Never rejects.
   */
  recordAfter(...notes: AuditNote[]): Promise<void>;
  /** For work that goes on after the answer has begun, and records itself what it does: its failure is recorded. */
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Nothing was done after all: it had been before. */
  skip(): void;
  /** Of an act that ended well; a route that has recorded it itself is left alone. */
  done(): Promise<void>;
  /** Of one that did not. What was wrong with the request alone was no act. Never rejects. */
  threw(error: unknown): Promise<void>;
}

const notTheirs = new Set(['unauthorized', 'forbidden', 'not_found']);
const noAct = new Set([
  'bad_request',
  'request_timeout',
  'payload_too_large',
  'unsupported_media_type',
  'method_not_allowed',
]);
const notDone = new Set(['overloaded', 'store_unavailable', 'backend_failed', 'image_missing', 'internal']);
const maxTextLength = 2_000;

export function createAuditTrail(
  { store, logger, admits }: { store: Store; logger: Logger; admits: () => number | null },
  act: AuditedAct | undefined,
  request: RouteRequest,
  /** Known once the request is admitted. */
  asked: { principal: Principal | null; subjectId: string },
): AuditTrail {
  let isRecorded = false;
  let recordedError: unknown;

  function entryOf({ action, subject, actor, detail, outcome }: AuditNote, known: AuditedAct): NewAuditEntry {
    return {
      actor: actor ?? actorOf(asked.principal),
      action: action ?? known.action,
      subject: subject ?? { kind: known.subject, id: asked.subjectId },
      outcome: outcome ?? 'allowed',
      detail: detail ?? {},
      address: addressOf(request),
    };
  }

  async function record(...notes: AuditNote[]): Promise<void> {
    if (!act) throw new Error('a route that records must say what it does: give it `audit`');
    isRecorded = true;
    await store.audit.add(notes.map((note) => entryOf(note, act)));
  }

  async function recordAfter(...notes: AuditNote[]): Promise<void> {
    try {
      await record(...notes);
    } catch (error) {
      const entries = act ? notes.map((note) => entryOf(note, act)) : [];
      logger.error({ error: messageOf(error), entries }, 'the audit log could not be written');
    }
  }

  async function threw(error: unknown): Promise<void> {
    if (!act || error === recordedError) return;
    recordedError = error;
    const known = error instanceof AppError ? error : new AppError('internal', 'see the server log');
    if (noAct.has(known.code) || (act.isRoutine && !notTheirs.has(known.code))) return;
    const detail: AuditDetail = { code: known.code, reason: cutText(known.message) };
    if (!asked.principal || act.isRoutine) {
      const unrecorded = admits();
      if (unrecorded === null) return;
      if (unrecorded > 0) detail.unrecordedBefore = unrecorded;
    }
    const note: AuditNote = { outcome: notDone.has(known.code) ? 'failed' : 'refused', detail };
    // Whoever waits for a database that is gone has waited once already.
    if (known.code === 'store_unavailable') {
      logger.error({ entries: [entryOf(note, act)] }, 'the audit log could not be written');
    } else await recordAfter(note);
  }

  return {
    record,
    recordAfter,
    async during(work) {
      isRecorded = true;
      try {
        return await work();
      } catch (error) {
        await threw(error);
        throw error;
      }
    },
    skip() {
      isRecorded = true;
    },
    async done() {
      if (act && !act.isRoutine && !isRecorded) await recordAfter({});
    },
    threw,
  };
}

/**
 * Anyone can be refused, as often as they like: of those who showed nothing that is known, and of programs that ask
 * for what is not theirs, so many a minute are recorded. Answers how many were not since the last that was, or null when this one is not.
 */
export function createFloodGuard({ clock }: { clock: Clock }, maxPerMinute: number): () => number | null {
  let beganAtMs = Number.NEGATIVE_INFINITY;
  let recorded = 0;
  let unrecorded = 0;
  return () => {
    const nowMs = clock.now().getTime();
    if (nowMs - beganAtMs >= 60_000) {
      beganAtMs = nowMs;
      recorded = 0;
    }
    if (recorded >= maxPerMinute) {
      unrecorded += 1;
      return null;
    }
    recorded += 1;
    const before = unrecorded;
    unrecorded = 0;
    return before;
  };
}

/** For a detail: whatever comes from outside may be very long. */
export function cutText(text: string): string {
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength)}…` : text;
}

function actorOf(principal: Principal | null): AuditActor {
  if (!principal) return { kind: 'anonymous', id: null, name: 'anonymous' };
  const kind = principal.role === 'agent' ? 'agent' : principal.via === 'cookie' ? 'person' : 'token';
  return { kind, id: principal.tokenId ?? null, name: principal.name };
}

/** Next puts the connection's address there when no proxy has; the last one is the nearest proxy's word. */
function addressOf(request: RouteRequest): string | null {
  const last = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim();
  return last ? last.slice(0, 100) : null;
}
