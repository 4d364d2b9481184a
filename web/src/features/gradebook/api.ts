/** The gradebook: released results and totals are grading's, drafts and excuses classroom's; both are read by page. */
import { classroom, data, download, grading, ifMatch } from '@/shared/api/client';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas, GradingSchemas } from '@/shared/api/schemas';

type Book = GradingSchemas['Gradebook'];
export type Policy = GradingSchemas['Policy'];
export type Draft = ClassroomSchemas['GradeInClassroom'];
export type NewGrade = ClassroomSchemas['NewGrade'];

const STUDENTS_A_PAGE = 50;

export interface Chosen {
  classroomId: string;
  search: string;
}

/** A page of students with all their grades, drafts among them. */
export interface BookPage {
  book: Book;
  grades: Draft[];
}

interface GradeChange {
  /** The gradebook it was given in. */
  chosen: Chosen;
  assignmentId: string;
  studentId: string;
  grade: NewGrade;
  /** The version that is replaced; none: there is no grade yet. */
  version: number | null;
}

const path = (classroom_id: string) => ({ path: { classroom_id } });

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    gradebook: build.infiniteQuery<BookPage, Chosen, string | null>({
      infiniteQueryOptions: { initialPageParam: null, getNextPageParam: ({ book }) => book.next_cursor ?? undefined },
      queryFn: ({ queryArg, pageParam }) => answer(pageOf(queryArg, pageParam)),
      providesTags: ['grades'],
    }),
    giveGrade: build.mutation<ClassroomSchemas['Grade'], GradeChange>({
      queryFn: ({ assignmentId, studentId, grade, version }) =>
        answer(
          classroom.PUT('/assignments/{assignment_id}/grades/{student_id}', {
            params: { path: { assignment_id: assignmentId, student_id: studentId } },
            body: grade,
            headers: version === null ? {} : ifMatch(version),
          }),
        ),
      async onQueryStarted({ chosen, assignmentId }, { dispatch, queryFulfilled }) {
        const { data: grade } = await queryFulfilled.catch(() => ({ data: null }));
        // The totals follow when grading has heard of it and the page is read again.
        if (grade) dispatch(showGrade(chosen, { ...grade, assignment_id: assignmentId }));
      },
    }),
    releaseGrades: build.mutation<ClassroomSchemas['Released'], string>({
      queryFn: (assignment_id) =>
        answer(classroom.POST('/assignments/{assignment_id}/release', { params: { path: { assignment_id } } })),
      invalidatesTags: ['grades'],
    }),
    explanation: build.query<GradingSchemas['Explanation'], { classroomId: string; studentId: string }>({
      queryFn: ({ classroomId, studentId }) =>
        answer(
          grading.GET('/classrooms/{classroom_id}/students/{student_id}/explain', {
            params: { path: { classroom_id: classroomId, student_id: studentId } },
          }),
        ),
      providesTags: ['grades'],
    }),
    override: build.query<GradingSchemas['Override'], { classroomId: string; studentId: string }>({
      queryFn: ({ classroomId, studentId }) =>
        answer(
          grading.GET('/classrooms/{classroom_id}/students/{student_id}/override', {
            params: { path: { classroom_id: classroomId, student_id: studentId } },
          }),
        ),
      providesTags: ['grades'],
    }),
    setOverride: build.mutation<
      GradingSchemas['Override'],
      { classroomId: string; studentId: string; version: number; body: GradingSchemas['NewOverride'] }
    >({
      queryFn: ({ classroomId, studentId, version, body }) =>
        answer(
          grading.PUT('/classrooms/{classroom_id}/students/{student_id}/override', {
            params: { path: { classroom_id: classroomId, student_id: studentId } },
            body,
            headers: ifMatch(version),
          }),
        ),
      invalidatesTags: ['grades'],
    }),
    policy: build.query<GradingSchemas['ClassroomPolicy'], string>({
      queryFn: (classroomId) => answer(grading.GET('/classrooms/{classroom_id}/policy', { params: path(classroomId) })),
      providesTags: ['policies'],
    }),
    policyHistory: build.query<GradingSchemas['Page_ClassroomPolicy_'], string>({
      queryFn: (classroomId) =>
        answer(grading.GET('/classrooms/{classroom_id}/policy/history', { params: path(classroomId) })),
      providesTags: ['policies'],
    }),
    previewPolicy: build.mutation<GradingSchemas['Preview'], { classroomId: string; policy: Policy }>({
      queryFn: ({ classroomId, policy }) =>
        answer(
          grading.POST('/classrooms/{classroom_id}/policy/preview', {
            params: { ...path(classroomId), query: { limit: 100 } },
            body: policy,
          }),
        ),
    }),
    savePolicy: build.mutation<
      GradingSchemas['ClassroomPolicy'],
      { classroomId: string; policy: Policy; version: number }
    >({
      queryFn: ({ classroomId, policy, version }) =>
        answer(
          grading.PUT('/classrooms/{classroom_id}/policy', {
            params: path(classroomId),
            body: policy,
            headers: ifMatch(version),
          }),
        ),
      invalidatesTags: ['policies', 'grades', 'figures'],
    }),
  }),
});

async function pageOf({ classroomId, search }: Chosen, cursor: string | null): Promise<{ data: BookPage }> {
  const query = { limit: STUDENTS_A_PAGE, ...(search && { search }), ...(cursor && { cursor }) };
  const params = { ...path(classroomId), query };
  const book = await data(grading.GET('/classrooms/{classroom_id}/gradebook', { params }));
  const students = book.items.map((student) => student.student_id);
  return { data: { book, grades: students.length > 0 ? await gradesOf(classroomId, students) : [] } };
}

async function gradesOf(classroomId: string, student_id: string[]): Promise<Draft[]> {
  const params = { ...path(classroomId), query: { student_id } };
  return (await data(classroom.GET('/classrooms/{classroom_id}/grades', { params }))).items;
}

/** Put a grade into the cell that it is of. */
export const showGrade = (chosen: Chosen, grade: Draft) =>
  api.util.updateQueryData('gradebook', chosen, ({ pages }) => {
    const page = pages.find(({ book }) => book.items.some((student) => student.student_id === grade.student_id));
    if (!page) return;
    const same = (one: Draft) => one.student_id === grade.student_id && one.assignment_id === grade.assignment_id;
    page.grades = [...page.grades.filter((one) => !same(one)), grade];
  });

export const saveBook = (classroomId: string, title: string, kind: 'csv' | 'xlsx') =>
  download(`/api/grading/classrooms/${classroomId}/gradebook.${kind}`, `${title}.${kind}`);

export const {
  useGradebookInfiniteQuery,
  useGiveGradeMutation,
  useReleaseGradesMutation,
  useExplanationQuery,
  useOverrideQuery,
  useSetOverrideMutation,
  usePolicyQuery,
  usePolicyHistoryQuery,
  usePreviewPolicyMutation,
  useSavePolicyMutation,
} = api;

export const refreshBook = () => resources.util.invalidateTags(['grades']);
