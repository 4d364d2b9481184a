import { grading } from '@/shared/api/client';
import { paged, pages } from '@/shared/api/paging';
import { answer, resources } from '@/shared/api/resources';
import type { GradingSchemas } from '@/shared/api/schemas';

export type Students = GradingSchemas['Page_Student_'];
type Place = { classroom_id: string; topic_id: string };
type AtRisk = GradingSchemas['AtRisk'];
type Teachers = GradingSchemas['Page_Teacher_'];

export interface TeacherFilter {
  term?: string;
  subject?: string;
}

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    teacherFilters: build.query<GradingSchemas['Filters'], void>({
      queryFn: () => answer(grading.GET('/filters')),
    }),
    teacherFigures: build.infiniteQuery<Teachers, TeacherFilter, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg, pageParam }) =>
        answer(grading.GET('/teachers', { params: { query: { ...paged(pageParam), ...queryArg } } })),
    }),
    schoolFigures: build.query<GradingSchemas['School'], void>({
      queryFn: () => answer(grading.GET('/school')),
    }),
    teacher: build.query<GradingSchemas['Teacher'], string>({
      queryFn: (teacher_id) => answer(grading.GET('/teachers/{teacher_id}', { params: { path: { teacher_id } } })),
    }),
    classroomFigures: build.query<GradingSchemas['Classroom'], string>({
      queryFn: (classroom_id) =>
        answer(grading.GET('/classrooms/{classroom_id}', { params: { path: { classroom_id } } })),
    }),
    studentsFigures: build.infiniteQuery<Students, string, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: classroom_id, pageParam }) => {
        const params = { path: { classroom_id }, query: paged(pageParam) };
        return answer(grading.GET('/classrooms/{classroom_id}/students', { params }));
      },
    }),
    atRisk: build.infiniteQuery<AtRisk, string, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: classroom_id, pageParam }) => {
        const params = { path: { classroom_id }, query: paged(pageParam) };
        return answer(grading.GET('/classrooms/{classroom_id}/at-risk', { params }));
      },
    }),
    studentFigures: build.query<GradingSchemas['StudentInDetail'], { classroom_id: string; student_id: string }>({
      queryFn: (path) => answer(grading.GET('/classrooms/{classroom_id}/students/{student_id}', { params: { path } })),
    }),
    topicStudents: build.infiniteQuery<Students, Place, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: path, pageParam }) => {
        const params = { path, query: paged(pageParam) };
        return answer(grading.GET('/classrooms/{classroom_id}/topics/{topic_id}/students', { params }));
      },
    }),
    ownTopic: build.query<GradingSchemas['OwnTopic'], string>({
      queryFn: (topic_id) => answer(grading.GET('/me/topics/{topic_id}', { params: { path: { topic_id } } })),
    }),
    ownQuiz: build.query<GradingSchemas['OwnQuiz'], string>({
      queryFn: (assignment_id) =>
        answer(grading.GET('/me/quizzes/{assignment_id}', { params: { path: { assignment_id } } })),
    }),
    ownFigures: build.query<GradingSchemas['OwnClassroom'], string>({
      queryFn: (classroom_id) =>
        answer(grading.GET('/me/classrooms/{classroom_id}', { params: { path: { classroom_id } } })),
    }),
  }),
});

export const {
  useTeacherFiltersQuery,
  useTeacherFiguresInfiniteQuery,
  useSchoolFiguresQuery,
  useTeacherQuery,
  useClassroomFiguresQuery,
  useStudentsFiguresInfiniteQuery,
  useAtRiskInfiniteQuery,
  useStudentFiguresQuery,
  useTopicStudentsInfiniteQuery,
  useOwnTopicQuery,
  useOwnQuizQuery,
  useOwnFiguresQuery,
} = api;
