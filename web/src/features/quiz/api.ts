import { classroom, data, download } from '@/shared/api/client';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';

export type Quiz = ClassroomSchemas['Quiz'];
type Summary = ClassroomSchemas['AttemptSummary'];
export type Order = 'pause' | 'resume' | 'submit-now';

const path = (assignment_id: string) => ({ path: { assignment_id } });
const ofAttempt = (attempt_id: string) => ({ path: { attempt_id } });

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    quiz: build.query<Quiz, string>({
      queryFn: (id) => answer(classroom.GET('/assignments/{assignment_id}/quiz', { params: path(id) })),
      providesTags: ['quizzes'],
    }),
    ownAttempts: build.query<Summary[], string>({
      queryFn: async (id) => {
        const found = await answer(classroom.GET('/assignments/{assignment_id}/attempts', { params: path(id) }));
        return 'error' in found ? found : { data: found.data.items };
      },
      providesTags: ['attempts'],
    }),
    attempt: build.query<ClassroomSchemas['Attempt'], string>({
      queryFn: (id) => answer(classroom.GET('/attempts/{attempt_id}', { params: ofAttempt(id) })),
      providesTags: ['attempts'],
    }),
  }),
});

export const reloadQuiz = (id: string) => api.endpoints.quiz.initiate(id, { forceRefetch: true, subscribe: false });

export const refreshQuiz = () => resources.util.invalidateTags(['quizzes', 'attempts']);

/** Of one student, or of all. */
export const order = (what: Order, whom: { attemptId: string } | { assignmentId: string }) => {
  if ('attemptId' in whom)
    return data(classroom.POST(`/attempts/{attempt_id}/${what}`, { params: ofAttempt(whom.attemptId) }));
  return data(classroom.POST(`/assignments/{assignment_id}/attempts/${what}`, { params: path(whom.assignmentId) }));
};

export const extend = (seconds: number, whom: { attemptId: string } | { assignmentId: string }) => {
  const body = { seconds };
  if ('attemptId' in whom)
    return data(classroom.POST('/attempts/{attempt_id}/extend', { params: ofAttempt(whom.attemptId), body }));
  return data(
    classroom.POST('/assignments/{assignment_id}/attempts/extend', { params: path(whom.assignmentId), body }),
  );
};

export const tell = (text: string, whom: { attemptId: string } | { assignmentId: string }) => {
  const body = { body: text };
  if ('attemptId' in whom)
    return data(classroom.POST('/attempts/{attempt_id}/messages', { params: ofAttempt(whom.attemptId), body }));
  return data(classroom.POST('/assignments/{assignment_id}/messages', { params: path(whom.assignmentId), body }));
};

export const saveReceipt = (attemptId: string) =>
  download(`/api/classroom/attempts/${attemptId}/receipt`, `receipt-${attemptId}.json`);

export const { useQuizQuery, useOwnAttemptsQuery, useAttemptQuery } = api;
