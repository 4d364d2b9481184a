import { data, download, lectureChat, onceOnly } from '@/shared/api/client';
import { answer, resources } from '@/shared/api/resources';
import type { LectureSchemas } from '@/shared/api/schemas';

export type Lecture = LectureSchemas['Lecture'];

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    lectures: build.query<Lecture[], { classroomId: string; assignmentId: string }>({
      queryFn: ({ classroomId, assignmentId }) => answer(lecturesOf(classroomId, assignmentId)),
      providesTags: ['lectures'],
    }),
    openLecture: build.mutation<Lecture, string>({
      queryFn: (assignment_id) =>
        answer(lectureChat.POST('/lectures', { body: { assignment_id }, headers: onceOnly() })),
      invalidatesTags: ['lectures'],
    }),
    closeLecture: build.mutation<Lecture, string>({
      queryFn: (lecture_id) =>
        answer(lectureChat.POST('/lectures/{lecture_id}/close', { params: { path: { lecture_id } } })),
      invalidatesTags: ['lectures', 'attendance'],
    }),
    attendance: build.query<LectureSchemas['Attendance'][], string>({
      queryFn: (lecture_id) => answer(attendanceOf(lecture_id)),
      providesTags: ['attendance'],
    }),
    setAttendance: build.mutation<unknown, { lectureId: string; studentId: string; present: boolean }>({
      queryFn: ({ lectureId, studentId, present }) =>
        answer(
          lectureChat.PUT('/lectures/{lecture_id}/attendance/{student_id}', {
            params: { path: { lecture_id: lectureId, student_id: studentId } },
            body: { present },
          }),
        ),
      invalidatesTags: ['attendance'],
    }),
    statistics: build.query<Omit<LectureSchemas['Statistics'], 'per_minute'>, string>({
      queryFn: (lecture_id) =>
        answer(lectureChat.GET('/lectures/{lecture_id}/statistics', { params: { path: { lecture_id } } })),
      providesTags: ['attendance'],
    }),
  }),
});

/** Newest first. */
async function lecturesOf(classroom_id: string, assignmentId: string): Promise<{ data: Lecture[] }> {
  const page = await data(lectureChat.GET('/lectures', { params: { query: { classroom_id, limit: 200 } } }));
  return { data: page.items.filter((one) => one.assignment_id === assignmentId) };
}

async function attendanceOf(lecture_id: string): Promise<{ data: LectureSchemas['Attendance'][] }> {
  const found: LectureSchemas['Attendance'][] = [];
  let cursor: string | null = null;
  do {
    const query = { limit: 200, ...(cursor && { cursor }) };
    const page: LectureSchemas['Page_Attendance_'] = await data(
      lectureChat.GET('/lectures/{lecture_id}/attendance', { params: { path: { lecture_id }, query } }),
    );
    found.push(...page.items);
    cursor = page.next_cursor ?? null;
  } while (cursor);
  return { data: found };
}

export const saveTranscript = (lecture: Lecture) =>
  download(`/api/lecture-chat/lectures/${lecture.lecture_id}/transcript?format=text`, `${lecture.title}.txt`);

export const {
  useLecturesQuery,
  useOpenLectureMutation,
  useCloseLectureMutation,
  useAttendanceQuery,
  useSetAttendanceMutation,
  useStatisticsQuery,
} = api;
