import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Provider } from 'react-redux';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { keepToken } from '@/shared/api/tokens';
import { json, server } from '@/testing/server';
import { ApiTokens } from './ApiTokens';

beforeEach(() => keepToken({ access_token: 't', expires_in: 600 }));
afterEach(() => vi.unstubAllGlobals());

const token = {
  id: 't1',
  account_id: 'a',
  name: 'Timetable',
  role: 'teacher',
  scope: 'read',
  hint: 'xyz9',
  created_at: '2026-11-24T10:00:00Z',
  created_by: 'a',
  expires_at: '2999-01-01T00:00:00Z',
  last_used_at: null,
  last_used_ip: null,
  revoked_at: null,
};

it('a token is shown once, and then only its last letters', async () => {
  const seen = server({
    '/api/auth/api-tokens': [
      () => json(200, { items: [] }),
      () => json(201, { api_token: token, token: 'secret-of-it' }),
      () => json(200, { items: [token] }),
    ],
  });
  render(
    <Provider store={makeStore()}>
      <MantineProvider>
        <ApiTokens />
      </MantineProvider>
    </Provider>,
  );
  await userEvent.click(await screen.findByRole('button', { name: 'Make a token' }));
  await userEvent.type(screen.getByRole('textbox', { name: /what it is for/i }), 'Timetable');
  await userEvent.click(screen.getByRole('button', { name: 'Make it' }));
  expect(await screen.findByText('secret-of-it')).toBeInTheDocument();
  const body: unknown = await seen.find((one) => one.method === 'POST')!.json();
  expect(body).toEqual({ name: 'Timetable', role: 'teacher', scope: 'read', expires_in_days: 90 });
  await userEvent.click(screen.getByRole('button', { name: 'I have kept it' }));
  expect(screen.queryByText('secret-of-it')).toBeNull();
  expect(await screen.findByText('…xyz9')).toBeInTheDocument();
});
