/** A student's work on an assignment, and what its teachers see and say of it. */
import { classroom, data, ifMatch } from '@/shared/api/client';
import { selectHasWork } from '@/features/own/store';
import { pages } from '@/shared/api/paging';
import { problemOf } from '@/shared/api/problem';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';
import type { State } from '@/shared/store';

export type Work = ClassroomSchemas['Submission'];
export type StudentWork = ClassroomSchemas['StudentWork'];
export type WorkStatus = ClassroomSchemas['WorkStatus'];
export type TurnIn = ClassroomSchemas['TurnIn'];
export type Grade = ClassroomSchemas['GradeInClassroom'];
type NewGrade = ClassroomSchemas['NewGrade'];

const WHOLE_CLASS = 200;

interface Writing {
  assignmentId: string;
  body: string;
  fileIds: string[];
  /** The revision that is replaced; 0: nothing was written yet. */
  revision: number;
}

/** Whose grade, and of what. */
interface Whose {
  classroomId: string;
  assignmentId: string;
  studentId: string;
}

interface GradeChange extends Whose {
  grade: NewGrade;
  /** The version that is replaced; null: there is no grade yet. */
  version: number | null;
}

const path = (assignment_id: string) => ({ path: { assignment_id } });

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    /** null: nothing is written yet, as the store knows without asking. */
    ownWork: build.query<Work | null, string>({
      queryFn: async (id, { getState }) => {
        const state = getState() as State;
        if (!selectHasWork(id)(state) && !keptOwn(id)(state).data) return { data: null };
        const found = await answer(classroom.GET('/assignments/{assignment_id}/submissions/me', { params: path(id) }));
        return 'error' in found && found.error.status === 404 ? { data: null } : found;
      },
      providesTags: ['work'],
    }),
    writeWork: build.mutation<Work, Writing>({
      queryFn: ({ assignmentId, body, fileIds, revision }) =>
        answer(
          classroom.PUT('/assignments/{assignment_id}/submissions/me', {
            params: path(assignmentId),
            body: { body, file_ids: fileIds },
            headers: revision > 0 ? ifMatch(revision) : {},
          }),
        ),
      onQueryStarted: ({ assignmentId }, { dispatch, queryFulfilled }) =>
        queryFulfilled.then(
          ({ data: work }) => void dispatch(keepOwn(assignmentId, work)),
          () => undefined,
        ),
    }),
    turnIn: build.mutation<Work, string>({
      queryFn: (id) =>
        answer(classroom.POST('/assignments/{assignment_id}/submissions/me/turn-in', { params: path(id) })),
      invalidatesTags: ['work'],
    }),
    reclaim: build.mutation<Work, string>({
      queryFn: (id) =>
        answer(classroom.POST('/assignments/{assignment_id}/submissions/me/reclaim', { params: path(id) })),
      invalidatesTags: ['work'],
    }),
    inbox: build.infiniteQuery<
      ClassroomSchemas['Page_StudentWork_'],
      { assignmentId: string; status: WorkStatus | null },
      string | null
    >({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: { assignmentId, status }, pageParam }) => {
        const query = { limit: WHOLE_CLASS, ...(status && { status }), ...(pageParam && { cursor: pageParam }) };
        const params = { ...path(assignmentId), query };
        return answer(classroom.GET('/assignments/{assignment_id}/submissions', { params }));
      },
      providesTags: ['work', 'grades'],
    }),
    work: build.query<Work, string>({
      queryFn: (submission_id) =>
        answer(classroom.GET('/submissions/{submission_id}', { params: { path: { submission_id } } })),
      providesTags: ['work'],
    }),
    /** The grade as its teachers see it, a draft perhaps; null: none. */
    gradeOf: build.query<Grade | null, Whose>({
      queryFn: async ({ classroomId, assignmentId, studentId }) => {
        try {
          const params = { path: { classroom_id: classroomId }, query: { student_id: [studentId] } };
          const { items } = await data(classroom.GET('/classrooms/{classroom_id}/grades', { params }));
          return { data: items.find((one) => one.assignment_id === assignmentId) ?? null };
        } catch (error) {
          return { error: problemOf(error) };
        }
      },
      providesTags: ['grades'],
    }),
    gradeWork: build.mutation<ClassroomSchemas['Grade'], GradeChange>({
      queryFn: ({ assignmentId, studentId, grade, version }) =>
        answer(
          classroom.PUT('/assignments/{assignment_id}/grades/{student_id}', {
            params: { path: { assignment_id: assignmentId, student_id: studentId } },
            body: grade,
            headers: version === null ? {} : ifMatch(version),
          }),
        ),
      onQueryStarted: ({ grade: _, version: __, ...whose }, { dispatch, queryFulfilled }) =>
        queryFulfilled.then(
          ({ data: grade }) => void dispatch(keepGrade(whose, grade)),
          () => undefined,
        ),
      invalidatesTags: (_, error) => (error && error.status !== 412 ? [] : ['grades']),
    }),
    returnWork: build.mutation<Work, string>({
      queryFn: (submission_id) =>
        answer(classroom.POST('/submissions/{submission_id}/return', { params: { path: { submission_id } } })),
      invalidatesTags: ['work'],
    }),
  }),
});

const keptOwn = (assignmentId: string) => api.endpoints.ownWork.select(assignmentId);
const keepOwn = (assignmentId: string, work: Work) => api.util.upsertQueryData('ownWork', assignmentId, work);

const keepGrade = (whose: Whose, grade: ClassroomSchemas['Grade']) =>
  api.util.upsertQueryData('gradeOf', whose, { ...grade, assignment_id: whose.assignmentId });

export const refreshWork = () => resources.util.invalidateTags(['work']);

export const {
  useOwnWorkQuery,
  useWriteWorkMutation,
  useTurnInMutation,
  useReclaimMutation,
  useInboxInfiniteQuery,
  useWorkQuery,
  useGradeOfQuery,
  useGradeWorkMutation,
  useReturnWorkMutation,
} = api;
