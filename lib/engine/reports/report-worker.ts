import { answerQuestions } from '../../threads/answer-questions';
import { parseReport, type ReportInput } from './parse-report';

/** What the thread that parses reports can be asked. */
export type ReportRequests = { parse: (input: ReportInput) => ReturnType<typeof parseReport> };

answerQuestions<ReportRequests>({ parse: parseReport });
