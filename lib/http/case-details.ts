import type { SuiteAccess } from '../identity/suite-access';
import { changesBetween, historyLength } from '../model/cases/case-figures';
import type { NumberedResult } from '../model/cases/case-record';
import type { CaseDetails, ExecutionCase, ExecutionCases } from '../model/cases/case-views';
import { findRename } from '../model/cases/find-rename';
import { passedOnRetry } from '../model/cases/passed-on-retry';
import { AppError } from '../model/errors';
import { hasFailed } from '../model/test-case';
import type { CaseStore, StoredHistory } from '../store/case-store';
import { itemOf } from './case-list';

/** Rejects with `case_not_found`. */
export async function readCase(
  cases: CaseStore,
  id: string,
  suites: Pick<SuiteAccess, 'may'>,
): Promise<CaseDetails> {
  const [history] = await cases.histories([id], historyLength);
  if (!history) throw new AppError('case_not_found', `There is no test case ${id}.`);
  const item = itemOf(history);
  const { streak } = item.figures;
  // A long streak began before the results that were read.
  const start = streak?.isCut ? await cases.streakStart(id) : null;
  const figures = start
    ? {
        ...item.figures,
        streak: {
          failures: start.failures,
          isCut: start.before === null,
          first: plain(start.first),
          changes: start.before ? changesBetween(start.before, start.first) : [],
        },
      }
    : item.figures;
  const fingerprint = history.results.findLast(hasFailed)?.fingerprint ?? null;
  const [sameFailures, gone] = await Promise.all([
    fingerprint === null ? [] : cases.sameFingerprint(fingerprint, id),
    history.isWhole ? cases.goneBefore(id) : [],
  ]);
  const renamedFrom = findRename(history.record, gone);
  const visible = sameFailures.filter(({ record }) => suites.may('see', record.suiteId));
  return { ...item, figures, results: history.results.map(plain), renamedFrom, sameFailures: visible };
}

/** The cases of an execution that are worth telling, compared with earlier runs under its profile. */
export async function compareCases(cases: CaseStore, executionId: string): Promise<ExecutionCases> {
  const answer: ExecutionCases = { newFailures: [], stillFailing: [], flaky: [], fixed: [], added: [] };
  const changed = await cases.changedIn(executionId);
  if (changed.last === null) return answer;
  const ids = [...new Set([...changed.ids, ...changed.newIds])];
  for (const history of await cases.histories(ids, historyLength, changed.last)) {
    const own = history.results.findLast((result) => result.executionId === executionId);
    if (!own) continue;
    const { before, told } = compare(history, own);
    const hadFailed = before !== undefined && hasFailed(before);
    if (hasFailed(own)) (hadFailed ? answer.stillFailing : answer.newFailures).push(told);
    else if (passedOnRetry(own)) answer.flaky.push(told);
    else if (hadFailed && own.status === 'passed') answer.fixed.push(told);
    if (!changed.newIds.includes(told.id)) continue;
    const renamedFrom = findRename(history.record, await cases.goneBefore(told.id));
    answer.added.push({ ...told, renamedFrom });
  }
  return answer;
}

function compare({ record, mute, results }: StoredHistory, own: NumberedResult) {
  const ran = results.filter(
    ({ profile, status, reportNumber }) =>
      profile === own.profile && status !== 'skipped' && reportNumber <= own.reportNumber,
  );
  const earlier = ran.filter(({ executionId }) => executionId !== own.executionId);
  const before = earlier.at(-1);
  const start = ran.findLastIndex((result) => !hasFailed(result)) + 1;
  const first = ran[start];
  const told: ExecutionCase = {
    ...record,
    isMuted: mute !== null,
    failures: ran.length - start,
    since: first ? { executionId: first.executionId, at: first.at } : null,
  };
  return { before, told };
}

function plain({ reportNumber: _, ...result }: NumberedResult) {
  return result;
}
