import { MantineProvider } from '@mantine/core';
import { fireEvent, render, screen } from '@testing-library/react';
import { Provider } from 'react-redux';
import { MemoryRouter, Route, Routes } from 'react-router';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { keepToken } from '@/shared/api/tokens';
import { json, server } from '@/testing/server';
import { PolicyEditor } from './PolicyEditor';

beforeEach(() => keepToken({ access_token: 't', expires_in: 600 }));
afterEach(() => {
  sessionStorage.clear();
  vi.unstubAllGlobals();
});

const policy = (version: number, weight: string) => ({
  classroom_id: 'c',
  version,
  policy: { weighting: 'none', groups: [{ key: 'all', weight, drop_lowest: 0, drop_highest: 0 }] },
});
const stale = () => json(412, { code: 'precondition_failed', detail: 'Changed.', current: policy(2, '5') });

function open() {
  render(
    <Provider store={makeStore()}>
      <MantineProvider>
        <MemoryRouter initialEntries={['/classrooms/c/gradebook/policy']}>
          <Routes>
            <Route path="/classrooms/:classroomId/gradebook/policy" element={<PolicyEditor />} />
          </Routes>
        </MemoryRouter>
      </MantineProvider>
    </Provider>,
  );
}
const weight = () => screen.findByLabelText<HTMLInputElement>('All work, Weight');
const press = async (name: string) => fireEvent.click(await screen.findByRole('button', { name }));

it('what was typed outlives what somebody else saved meanwhile, which is told, and may be taken', async () => {
  server({
    '/api/grading/classrooms/c/policy': [() => json(200, policy(1, '1')), stale, () => json(200, policy(2, '5'))],
    '/api/grading/classrooms/c/policy/history': [() => json(200, { items: [] })],
  });
  open();
  fireEvent.change(await weight(), { target: { value: '3' } });
  expect((await weight()).value).toBe('3');
  await press('Save policy');
  expect(await screen.findByText('Somebody else changed the policy meanwhile')).toBeInTheDocument();
  expect((await weight()).value).toBe('3');
  await press('Go back to what stands');
  expect((await weight()).value).toBe('5');
  expect(screen.queryByText('Somebody else changed the policy meanwhile')).toBeNull();
});

it('what is refused is told beside its field, and what was typed stays', async () => {
  const errors = [
    { field: 'body.groups.0.weight', message: 'Input should be a valid decimal', code: 'decimal_parsing' },
    { field: 'body.letters.0.letter', message: 'String should have at least 1 character', code: 'string_too_short' },
  ];
  const refused = () => json(422, { code: 'invalid', detail: '2 field(s) are wrong.', errors });
  server({
    '/api/grading/classrooms/c/policy': [() => json(200, policy(1, '1')), refused, () => json(200, policy(1, '1'))],
    '/api/grading/classrooms/c/policy/history': [() => json(200, { items: [] })],
  });
  open();
  fireEvent.change(await weight(), { target: { value: 'x' } });
  await press('Add a letter');
  await press('Save policy');
  expect(await screen.findByText('Type a number.')).toBeInTheDocument();
  expect(screen.getByText('Fill this in.')).toBeInTheDocument();
  expect((await weight()).value).toBe('x');
});
