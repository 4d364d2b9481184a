import type { components } from './generated/auth';

type ProblemDocument = components['schemas']['Problem'];

/** Why a request failed, ready to be shown. Plain, so that it may live in the store. */
export interface Problem {
  /** 0: no answer came at all. */
  status: number;
  /** The service's slug, or `unreachable`, `unexpected`. */
  code: string;
  title: string;
  detail: string;
  /** Field (without the leading `body.`) → what to do about it. */
  fields: Record<string, string>;
  requestId: string;
  /** With 412: the value that stands now. */
  current?: unknown;
  retryAfter?: number;
  /** What else the document says, such as an `enrolment_token`. */
  extra: Record<string, unknown>;
}

/** Thrown by every call of the API that did not succeed. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
    this.name = 'ApiError';
  }
}

/** Someone else changed it first; `current` is what stands now. */
export class StaleEdit extends ApiError {
  get current(): unknown {
    return this.problem.current;
  }
}

const UNREACHABLE: Problem = {
  status: 0,
  code: 'unreachable',
  title: 'No connection',
  detail: 'Homeroom cannot be reached. Check your connection; nothing you typed is lost.',
  fields: {},
  requestId: '',
  extra: {},
};

/** What validation says in a programmer's words, and what a person is told. */
const PLAIN: [RegExp, string][] = [
  [/^(Field required|String should have at least 1 character)$/, 'Fill this in.'],
  [/^String should have at least (\d+) characters$/, 'At least $1 characters.'],
  [/^String should have at most (\d+) characters?$/, 'At most $1 characters.'],
  [/^(?:List|Dictionary) should have at least (\d+) items? after validation, not \d+$/, 'At least $1 of them.'],
  [/^(?:List|Dictionary) should have at most (\d+) items? after validation, not \d+$/, 'At most $1 of them.'],
  [/^Input should be greater than or equal to (\S+)$/, 'At least $1.'],
  [/^Input should be less than or equal to (\S+)$/, 'At most $1.'],
  [/^Input should be greater than (\S+)$/, 'More than $1.'],
  [/^Input should be a valid (?:decimal|number|integer)\b.*$/, 'Type a number.'],
  [/^(?:Value|Assertion) error, (.+)$/, '$1'],
  [/^1 field\(s\) are wrong\.$/, 'One field needs another look.'],
  [/^(\d+) field\(s\) are wrong\.$/, '$1 fields need another look.'],
];

function plainly(message: string): string {
  const found = PLAIN.find(([pattern]) => pattern.test(message));
  return found ? message.replace(...found) : message;
}

const withoutPlace = (field: string) => field.replace(/^(body|query|path)\./, '');

/** The problem document of a refused request; what is no document is put into words here. */
export async function refusal(response: Response): Promise<ApiError> {
  const document = (await response.json().catch(() => ({}))) as Partial<ProblemDocument> & Record<string, unknown>;
  const { title, detail, code, request_id, errors, current, ...extra } = document;
  const problem: Problem = {
    status: response.status,
    code: code ?? 'unexpected',
    title: title ?? 'Something went wrong',
    detail: detail ? plainly(detail) : `The server answered ${response.status}. Try again in a moment.`,
    fields: Object.fromEntries((errors ?? []).map((error) => [withoutPlace(error.field), plainly(error.message)])),
    requestId: request_id ?? response.headers.get('X-Request-Id') ?? '',
    current,
    retryAfter: Number(response.headers.get('Retry-After')) || undefined,
    extra,
  };
  return response.status === 412 ? new StaleEdit(problem) : new ApiError(problem);
}

export const unreachable = () => new ApiError(UNREACHABLE);

export const somebodyElse = () =>
  new ApiError({
    ...UNREACHABLE,
    code: 'somebody_else',
    title: 'Somebody else is signed in',
    detail: 'Another tab of this browser signed in as somebody else. The page is loaded anew.',
  });

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'code' in value && 'detail' in value && 'fields' in value;
}

/** Whatever was thrown, as a problem. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  if (isProblem(error)) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return { ...UNREACHABLE, code: 'unexpected', title: 'Something went wrong', detail };
}
