/** What teachers tell a whole classroom; the newest come with the classroom itself. */
import { classroomChanged, selectClassroom } from '@/features/classrooms/store';
import { classroom, data, ifMatch, onceOnly } from '@/shared/api/client';
import { paged, pages } from '@/shared/api/paging';
import { answer, resources } from '@/shared/api/resources';
import type { ClassroomSchemas } from '@/shared/api/schemas';
import { createCommand, type Dispatch, type State } from '@/shared/store';

export type Announcement = ClassroomSchemas['Announcement'];
type Page = ClassroomSchemas['Page_Announcement_'];

/** How many come with the classroom. */
export const HELD = 20;

const held = (classroomId: string, state: State): Announcement[] =>
  selectClassroom(classroomId)(state)?.announcements ?? [];

const keep = (id: string, announcements: Announcement[], dispatch: Dispatch) =>
  dispatch(classroomChanged({ id, announcements: announcements.slice(0, HELD) }));

export const announce = createCommand<void, { classroomId: string; body: string }>(
  'announcements/add',
  async ({ classroomId, body }, { dispatch, getState }) => {
    const path = { classroom_id: classroomId };
    const call = classroom.POST('/classrooms/{classroom_id}/announcements', {
      params: { path },
      body: { body },
      headers: onceOnly(),
    });
    const added = await data(call);
    const others = held(classroomId, getState()).filter((one) => one.id !== added.id);
    keep(classroomId, [added, ...others], dispatch);
  },
);

interface Change {
  classroomId: string;
  announcement: Announcement;
  body: string;
}

export const changeAnnouncement = createCommand<void, Change>(
  'announcements/change',
  async ({ classroomId, announcement, body }, { dispatch, getState }) => {
    const call = classroom.PATCH('/announcements/{announcement_id}', {
      params: { path: { announcement_id: announcement.id } },
      body: { body },
      headers: ifMatch(announcement.version),
    });
    const changed = await data(call);
    const all = held(classroomId, getState());
    keep(
      classroomId,
      all.map((one) => (one.id === changed.id && one.version < changed.version ? changed : one)),
      dispatch,
    );
  },
);

/** Gone at once, back if the server refuses. */
export const deleteAnnouncement = createCommand<void, Omit<Change, 'body'>>(
  'announcements/delete',
  async ({ classroomId, announcement }, { dispatch, getState }) => {
    const before = held(classroomId, getState());
    keep(
      classroomId,
      before.filter((one) => one.id !== announcement.id),
      dispatch,
    );
    try {
      await classroom.DELETE('/announcements/{announcement_id}', {
        params: { path: { announcement_id: announcement.id } },
      });
    } catch (error) {
      keep(classroomId, before, dispatch);
      throw error;
    }
  },
);

const api = resources.injectEndpoints({
  endpoints: (build) => ({
    /** From the newest on; for those that do not come with the classroom. */
    announcements: build.infiniteQuery<Page, string, string | null>({
      infiniteQueryOptions: pages,
      queryFn: ({ queryArg: classroom_id, pageParam }) => {
        const params = { path: { classroom_id }, query: paged(pageParam) };
        return answer(classroom.GET('/classrooms/{classroom_id}/announcements', { params }));
      },
      keepUnusedDataFor: 60,
    }),
  }),
});

export const { useAnnouncementsInfiniteQuery } = api;
