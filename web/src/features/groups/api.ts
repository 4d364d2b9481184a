import { classroom, data, ifMatch } from '@/shared/api/client';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';

export type Grouping = ClassroomSchemas['Grouping'];
export type Member = ClassroomSchemas['GroupMember'];
export type Move = ClassroomSchemas['Move'];
type Draw = ClassroomSchemas['Draw-Input'];

interface Saving {
  assignmentId: string;
  revision: number;
  body: ClassroomSchemas['NewGrouping'];
}

interface Moving {
  assignmentId: string;
  body: ClassroomSchemas['NewMove'];
}

const path = (assignment_id: string) => ({ path: { assignment_id } });

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    groups: build.query<Grouping, string>({
      queryFn: (id) => answer(classroom.GET('/assignments/{assignment_id}/groups', { params: path(id) })),
      providesTags: (_, __, id) => [{ type: 'groups', id }],
    }),
    saveGroups: build.mutation<Grouping, Saving>({
      queryFn: ({ assignmentId, revision, body }) =>
        answer(
          classroom.PUT('/assignments/{assignment_id}/groups', {
            params: path(assignmentId),
            body,
            headers: ifMatch(revision),
          }),
        ),
      invalidatesTags: (done, _, { assignmentId }) => (done ? [{ type: 'groups', id: assignmentId }] : []),
    }),
    drawGroups: build.mutation<Grouping, { assignmentId: string; body: Draw }>({
      queryFn: ({ assignmentId, body }) =>
        answer(classroom.POST('/assignments/{assignment_id}/groups/random', { params: path(assignmentId), body })),
      invalidatesTags: (done, _, { assignmentId }) => (done ? [{ type: 'groups', id: assignmentId }] : []),
    }),
    moveStudent: build.mutation<Move, Moving>({
      queryFn: ({ assignmentId, body }) =>
        answer(classroom.POST('/assignments/{assignment_id}/groups/moves', { params: path(assignmentId), body })),
      invalidatesTags: (_, __, { assignmentId }) => [
        { type: 'groups', id: assignmentId },
        'work',
        { type: 'grades', id: assignmentId },
      ],
    }),
    joinGroup: build.mutation<Grouping, { assignmentId: string; groupId: string }>({
      queryFn: ({ groupId }) =>
        answer(classroom.POST('/groups/{group_id}/members/me', { params: { path: { group_id: groupId } } })),
      invalidatesTags: (_, __, { assignmentId }) => [{ type: 'groups', id: assignmentId }, 'work'],
    }),
    leaveGroup: build.mutation<unknown, { assignmentId: string; groupId: string }>({
      queryFn: ({ groupId }) =>
        answer<unknown>(classroom.DELETE('/groups/{group_id}/members/me', { params: { path: { group_id: groupId } } })),
      invalidatesTags: (_, __, { assignmentId }) => [{ type: 'groups', id: assignmentId }, 'work'],
    }),
  }),
});

/** What a move would change, before it does. */
export const previewMove = ({ assignmentId, body }: Moving): Promise<Move> =>
  data(
    classroom.POST('/assignments/{assignment_id}/groups/moves', {
      params: { ...path(assignmentId), query: { dry_run: true } },
      body,
    }),
  );

export const reloadGroups = (assignmentId: string) =>
  resources.util.invalidateTags([{ type: 'groups', id: assignmentId }]);

export const {
  useGroupsQuery,
  useSaveGroupsMutation,
  useDrawGroupsMutation,
  useMoveStudentMutation,
  useJoinGroupMutation,
  useLeaveGroupMutation,
} = api;
