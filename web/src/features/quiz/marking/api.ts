import { classroom, data, ifMatch } from '@/shared/api/client';
import { pages, paged } from '@/shared/api/paging';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';

export type ToMark = ClassroomSchemas['AnswerToMark'];

interface Which {
  assignmentId: string;
  questionId: string;
  waiting: boolean;
}

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    queue: build.query<ClassroomSchemas['MarkingQueue'], string>({
      queryFn: (assignment_id) =>
        answer(classroom.GET('/assignments/{assignment_id}/marking', { params: { path: { assignment_id } } })),
      providesTags: ['marking'],
    }),
    toMark: build.infiniteQuery<ClassroomSchemas['Page_AnswerToMark_'], Which, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: { assignmentId, questionId, waiting }, pageParam }) => {
        const params = {
          path: { assignment_id: assignmentId, question_id: questionId },
          query: { ...paged(pageParam), waiting },
        };
        return answer(classroom.GET('/assignments/{assignment_id}/marking/{question_id}', { params }));
      },
    }),
  }),
});

export const queueChanged = () => resources.util.invalidateTags(['marking', 'grades']);

export const giveMark = (one: ToMark, questionId: string, body: ClassroomSchemas['NewMark']) =>
  data(
    classroom.PUT('/attempts/{attempt_id}/marks/{question_id}', {
      params: { path: { attempt_id: one.attempt_id, question_id: questionId } },
      headers: ifMatch(one.mark_version),
      body,
    }),
  );

export const { useQueueQuery, useToMarkInfiniteQuery } = api;
