import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Provider } from 'react-redux';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { selectBadges, selectPoints } from '@/features/own/store';
import { load } from '@/features/session/store';
import { keepToken } from '@/shared/api/tokens';
import { json, server, type Answer } from '@/testing/server';
import { Leaderboard } from './components/Leaderboard';

beforeEach(() => keepToken({ access_token: 't', expires_in: 600 }));
afterEach(() => vi.unstubAllGlobals());

const work = (classroom_id: string, points: number, earned_at: string) => ({
  classroom_id,
  assignments: [],
  grades: [],
  groups: [],
  submissions: [],
  notes: [],
  live: [],
  points,
  badges: [{ topic_id: `topic-${classroom_id}`, title: classroom_id, earned_at }],
});
const view = { classroom: { id: 'c', title: 'C', status: 'active', version: 1, leaderboard_shown: false } };

async function opened(role: string, routes: Record<string, Answer[]>) {
  const seen = server({
    '/api/classroom/bootstrap': [
      () =>
        json(200, {
          role,
          person: { account_id: 'me', name: 'Me', taught: role === 'teacher' ? ['c'] : [], attended: [], unseen: 0 },
          summary: null,
          classrooms: [{ ...view, teachers: [], topics: [], assignments: [], live: [], announcements: [] }],
          own: role === 'student' ? [work('c', 12, '2026-11-01'), work('d', 30, '2026-11-02')] : [],
          versions: {},
        }),
    ],
    ...routes,
  });
  const store = makeStore();
  await store.dispatch(load());
  const router = createMemoryRouter([{ path: '/:classroomId', Component: Leaderboard }], { initialEntries: ['/c'] });
  render(
    <Provider store={store}>
      <MantineProvider>
        <RouterProvider router={router} />
      </MantineProvider>
    </Provider>,
  );
  return { store, seen };
}

const TABLE = '/api/classroom/classrooms/c/leaderboard';
const row = { rank: 1, student_id: 's', name: 'Sam', points: 40, badges: 2 };

describe('points', () => {
  it('are summed over classrooms, and the newest badge comes first', async () => {
    const hidden = { shown: false, rows: [], own: { rank: 3, points: 12, badges: 1 }, next_cursor: null };
    const { store } = await opened('student', { [TABLE]: [() => json(200, hidden)] });
    expect(selectPoints(store.getState())).toBe(42);
    expect(selectBadges(store.getState()).map((badge) => badge.title)).toEqual(['d', 'c']);
    expect(await screen.findByText('You are in place 3 with 12 points.')).toBeInTheDocument();
    expect(screen.getByText(/keep the table/)).toBeInTheDocument();
    expect(screen.queryByRole('switch')).toBeNull();
  });

  it('are shown to students when a teacher says so', async () => {
    const { seen } = await opened('teacher', {
      [TABLE]: [() => json(200, { shown: false, rows: [row], own: null, next_cursor: null })],
      '/api/classroom/classrooms/c': [() => json(200, { ...view.classroom, leaderboard_shown: true, version: 2 })],
    });
    expect(await screen.findByText('Sam')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('switch'));
    const patch = seen.find((one) => one.method === 'PATCH')!;
    expect(await patch.json()).toEqual({ leaderboard_shown: true });
    expect(patch.headers.get('If-Match')).toBe('"1"');
    expect(screen.getByRole('switch')).toBeChecked();
  });
});
