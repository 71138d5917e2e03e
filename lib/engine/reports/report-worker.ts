import { answerQuestions } from '../../threads/answer-questions';
import { type FragmentInput, junitFragment } from './junit-fragment';
import { parseReport, type ReportInput } from './parse-report';

/** What the thread that parses reports can be asked. */
export type ReportRequests = {
  parse: (input: ReportInput) => ReturnType<typeof parseReport>;
  junitFragment: (input: FragmentInput) => string;
};

answerQuestions<ReportRequests>({ parse: parseReport, junitFragment });
