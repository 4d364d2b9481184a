/** What is said about an assignment: to everybody, or between one student and the teachers. */
import { classroom, onceOnly } from '@/shared/api/client';
import { paged, pages } from '@/shared/api/paging';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';

export type Comment = ClassroomSchemas['Comment'];

/** `studentId` null: to everybody. */
export interface Talk {
  assignmentId: string;
  studentId: string | null;
}

const ofComment = (comment_id: string) => ({ path: { comment_id } });

export const comments = resources.injectEndpoints({
  endpoints: (build) => ({
    comments: build.infiniteQuery<ClassroomSchemas['Page_Comment_'], Talk, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: { assignmentId, studentId }, pageParam }) => {
        const query = { ...paged(pageParam), ...(studentId && { student_id: studentId }) };
        const params = { path: { assignment_id: assignmentId }, query };
        return answer(classroom.GET('/assignments/{assignment_id}/comments', { params }));
      },
      providesTags: ['comments'],
    }),
    say: build.mutation<Comment, Talk & { body: string }>({
      queryFn: ({ assignmentId, studentId, body }) =>
        answer(
          classroom.POST('/assignments/{assignment_id}/comments', {
            params: { path: { assignment_id: assignmentId }, header: onceOnly() },
            body: { body, student_id: studentId },
          }),
        ),
      invalidatesTags: (_, error) => (error ? [] : ['comments']),
    }),
    changeComment: build.mutation<Comment, { id: string; body: string }>({
      queryFn: ({ id, body }) =>
        answer(classroom.PATCH('/comments/{comment_id}', { params: ofComment(id), body: { body } })),
      invalidatesTags: (_, error) => (error ? [] : ['comments']),
    }),
    deleteComment: build.mutation<unknown, string>({
      queryFn: (id) => answer(classroom.DELETE('/comments/{comment_id}', { params: ofComment(id) })),
      invalidatesTags: (_, error) => (error ? [] : ['comments']),
    }),
  }),
});

export const { useCommentsInfiniteQuery, useSayMutation, useChangeCommentMutation, useDeleteCommentMutation } =
  comments;
