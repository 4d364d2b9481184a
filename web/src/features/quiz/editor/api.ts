import { classroom, data, ifMatch, onceOnly } from '@/shared/api/client';
import { pages, paged } from '@/shared/api/paging';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';
import type { Draft, Question, Questions } from './draft';
import { bodyOf } from './draft';

interface BankFilter {
  search: string;
  tag: string | null;
}

const path = (assignment_id: string) => ({ path: { assignment_id } });

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    questions: build.query<Questions, string>({
      queryFn: (id) => answer(classroom.GET('/assignments/{assignment_id}/questions', { params: path(id) })),
      providesTags: ['quizzes'],
    }),
    bank: build.infiniteQuery<ClassroomSchemas['Page_BankQuestion_'], BankFilter, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: { search, tag }, pageParam }) => {
        const query = { ...paged(pageParam), ...(search && { search }), ...(tag && { tag }) };
        return answer(classroom.GET('/bank/questions', { params: { query } }));
      },
      providesTags: ['bank'],
    }),
    bankTags: build.query<ClassroomSchemas['TagCount'][], void>({
      queryFn: async () => {
        const found = await answer(classroom.GET('/bank/tags'));
        return 'error' in found ? found : { data: found.data.items };
      },
      providesTags: ['bank'],
    }),
    extraTimes: build.query<ClassroomSchemas['GivenExtraTime'][], string>({
      queryFn: async (id) => {
        const found = await answer(classroom.GET('/assignments/{assignment_id}/extra-time', { params: path(id) }));
        return 'error' in found ? found : { data: found.data.items };
      },
      providesTags: ['extra-time'],
    }),
    giveExtraTime: build.mutation<unknown, { id: string; studentId: string; seconds: number | null }>({
      queryFn: ({ id, studentId, seconds }) => {
        const params = { path: { assignment_id: id, student_id: studentId } };
        const address = '/assignments/{assignment_id}/extra-time/{student_id}';
        return answer<unknown>(
          seconds === null
            ? classroom.DELETE(address, { params })
            : classroom.PUT(address, { params, body: { seconds } }),
        );
      },
      invalidatesTags: ['extra-time'],
    }),
    keepInBank: build.mutation<unknown, { question: Question; tags: string[] }>({
      queryFn: ({ question, tags }) => {
        const body = { question: { ...question, id: null }, tags };
        return answer<unknown>(classroom.POST('/bank/questions', { headers: onceOnly(), body } as never));
      },
      invalidatesTags: ['bank'],
    }),
    importGift: build.mutation<ClassroomSchemas['ImportReport'], ClassroomSchemas['GiftText']>({
      queryFn: (body) => answer(classroom.POST('/bank/gift', { headers: onceOnly(), body } as never)),
      invalidatesTags: (_, __, body) => (body.dry_run ? [] : ['bank']),
    }),
  }),
});

/** What stands now, also in the store before the promise is kept. */
export const reloadQuestions = (id: string) =>
  api.endpoints.questions.initiate(id, { forceRefetch: true, subscribe: false });

export const readQuestions = (id: string): Promise<Questions> =>
  data(classroom.GET('/assignments/{assignment_id}/questions', { params: path(id) }));

export const saveRules = (id: string, draft: Draft): Promise<ClassroomSchemas['Quiz']> =>
  data(
    classroom.PATCH('/assignments/{assignment_id}/quiz', {
      params: path(id),
      headers: ifMatch(draft.revision),
      body: draft.rules,
    }),
  );

export const saveQuestions = (id: string, draft: Draft): Promise<Questions> =>
  data(
    classroom.PUT('/assignments/{assignment_id}/questions', {
      params: path(id),
      headers: ifMatch(draft.revision),
      body: bodyOf(draft),
    }),
  );

/** A wrong key after somebody started: only told with `preview`, else all answers are marked anew. */
export const correct = (id: string, question: Question, preview: boolean): Promise<ClassroomSchemas['Corrected']> =>
  data(
    classroom.POST('/assignments/{assignment_id}/questions/{question_id}/correction', {
      params: { path: { assignment_id: id, question_id: question.id! } },
      body: { question, preview },
    }),
  );

export const {
  useQuestionsQuery,
  useBankInfiniteQuery,
  useBankTagsQuery,
  useExtraTimesQuery,
  useGiveExtraTimeMutation,
  useKeepInBankMutation,
  useImportGiftMutation,
} = api;
