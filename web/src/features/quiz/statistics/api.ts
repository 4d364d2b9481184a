import { classroom, grading } from '@/shared/api/client';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas, GradingSchemas } from '@/shared/api/schemas';
import { fromClassroom, fromGrading, type Analysis } from './analysis';

/** Computed over released results; before, by the classroom service for the quiz's teachers. */
async function analyse(assignment_id: string) {
  const params = { path: { assignment_id } };
  const released = await answer<GradingSchemas['QuizStatistics']>(
    grading.GET('/quizzes/{assignment_id}/statistics', { params }),
  );
  if ('data' in released && released.data.released) return { data: fromGrading(released.data) };
  const own = await answer<ClassroomSchemas['QuizAnalysis']>(
    classroom.GET('/assignments/{assignment_id}/item-analysis', { params }),
  );
  return 'error' in own ? own : { data: fromClassroom(own.data) };
}

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    quizAnalysis: build.query<Analysis, string>({ queryFn: analyse, providesTags: ['quizzes', 'marking'] }),
  }),
});

export const { useQuizAnalysisQuery } = api;
