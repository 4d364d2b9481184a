import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Provider } from 'react-redux';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { news } from '@/features/session/parts';
import { told } from '@/features/session/store';
import { keepToken } from '@/shared/api/tokens';
import { json, server } from '@/testing/server';
import { Bell } from './components/Bell';
import { Notifications } from './components/Notifications';

beforeEach(() => keepToken({ access_token: 't', expires_in: 600 }));
afterEach(() => vi.unstubAllGlobals());

const graded = {
  id: 'n',
  kind: 'graded',
  classroom_id: 'c',
  assignment_id: 'a',
  title: 'Essay',
  actor_name: null,
  at: '2026-11-24T10:00:00Z',
};
const page = (seen: boolean) => () =>
  json(200, { notifications: [{ ...graded, seen }], unseen: seen ? 0 : 1, next_cursor: null });

it('the bell counts what is new, and nothing once all is seen', async () => {
  const seen = server({
    '/api/classroom/notifications': [page(false), page(true)],
    '/api/classroom/notifications/seen': [() => new Response(null, { status: 204 })],
  });
  const store = makeStore();
  store.dispatch(told(news([{ key: 'person', version: '1', value: { unseen: 1 } }], [], { versions: {}, aside: {} })));
  render(
    <Provider store={store}>
      <MantineProvider>
        <MemoryRouter>
          <Bell />
          <Notifications />
        </MemoryRouter>
      </MantineProvider>
    </Provider>,
  );
  expect(await screen.findByRole('link', { name: '1 new notification' })).toBeInTheDocument();
  expect(await screen.findByRole('link', { name: /Essay was graded/ })).toHaveAttribute('href', '/assignments/a');
  await userEvent.click(screen.getByRole('button', { name: 'Mark all as seen' }));
  expect(await screen.findByRole('link', { name: 'Notifications' })).toBeInTheDocument();
  const asked = seen.filter((one) => one.method === 'GET');
  expect(asked).toHaveLength(2);
});
