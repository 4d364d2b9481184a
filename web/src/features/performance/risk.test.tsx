import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Provider } from 'react-redux';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { keepToken } from '@/shared/api/tokens';
import { json, server } from '@/testing/server';
import { StudentsAtRisk } from './components/StudentsAtRisk';

beforeEach(() => keepToken({ access_token: 't', expires_in: 600 }));
afterEach(() => vi.unstubAllGlobals());

const student = (name: string, reasons: string[]) => ({
  student_id: name,
  name,
  reasons,
  results: 3,
  average: '41.5',
  recent: null,
  earlier: null,
  due: 5,
  missing: 2,
});
const page = (name: string, next_cursor: string | null) => ({
  classroom_id: 'c',
  title: 'Physics',
  students: 30,
  at_risk: 2,
  rules: { low_average: '50', falling_by: '15', missing_works: 2, missing_share: '25' },
  judged_at: null,
  up_to_date: true,
  items: [student(name, ['low_average', 'missing_work'])],
  next_cursor,
});

it('names those at risk page by page, with the reasons and how many there are in all', async () => {
  const seen = server({
    '/api/grading/classrooms/c/at-risk': [() => json(200, page('Ada', 'next')), () => json(200, page('Bob', null))],
  });
  render(
    <Provider store={makeStore()}>
      <MantineProvider>
        <MemoryRouter>
          <StudentsAtRisk classroomId="c" />
        </MemoryRouter>
      </MantineProvider>
    </Provider>,
  );
  expect(await screen.findByText('2 of 30 students')).toBeTruthy();
  expect(screen.getByTitle('A mean below 50 %').textContent).toBe('Low average');
  await userEvent.click(screen.getByRole('button', { name: /more/i }));
  expect(await screen.findByText('Bob')).toBeTruthy();
  expect(screen.getByText('Ada')).toBeTruthy();
  expect(seen.at(-1)!.url).toContain('cursor=next');
});
