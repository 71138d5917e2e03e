/** One thing that is wrong with a request: where, and what in one sentence. */
export interface ProblemIssue {
  path: string;
  message: string;
}

/** The control plane answered with problem details (RFC 9457). `code` is one of the codes of its API. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly issues: readonly ProblemIssue[],
  ) {
    const more = issues.map(({ path, message }) => `\n  ${path}: ${message}`).join('');
    super(`${detail}${more}`);
  }
}

/** No answer came, or one that is not the control plane's own. */
export class ControlPlaneUnreachable extends Error {
  override readonly name = 'ControlPlaneUnreachable';
}

/** Reads why a request was refused. A proxy before the control plane answers with something else than problem details. */
export async function problemOf(url: string, response: Response): Promise<Error> {
  const text = await response.text();
  const problem = parseProblem(text);
  if (problem) return new ApiProblem(response.status, problem.code, problem.detail, problem.errors);
  const said = text
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200);
  return new ControlPlaneUnreachable(
    `${url} answered ${response.status} and is no Gantry, or a proxy before one: expected problem details, found ${said || 'nothing'}.`,
  );
}

function parseProblem(text: string): { code: string; detail: string; errors: ProblemIssue[] } | null {
  let body: { code?: unknown; detail?: unknown; errors?: ProblemIssue[] } | null;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof body !== 'object' || body === null) return null;
  const { code, detail, errors } = body;
  if (typeof code !== 'string' || typeof detail !== 'string') return null;
  return { code, detail, errors: Array.isArray(errors) ? errors : [] };
}
