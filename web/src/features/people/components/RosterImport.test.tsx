import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import { Provider } from 'react-redux';
import { MemoryRouter } from 'react-router';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { keepToken } from '@/shared/api/tokens';
import { json, server } from '@/testing/server';
import { RosterImport } from './RosterImport';

beforeEach(() => keepToken({ access_token: 't', expires_in: 600 }));
afterEach(() => vi.unstubAllGlobals());

const job = (status: string, progress: Record<string, { done: number; total: number }> = {}) => ({
  id: 'x',
  status,
  dry_run: true,
  progress,
  problem_count: 0,
  problems: [],
  changes: {},
});

function entered(address: string, auth: unknown, classroom: unknown) {
  server({
    '/api/auth/rosters/a1': [() => json(200, auth)],
    '/api/classroom/rosters/c1': [() => json(200, classroom)],
  });
  render(
    <Provider store={makeStore()}>
      <MantineProvider>
        <MemoryRouter initialEntries={[address]}>
          <RosterImport />
        </MemoryRouter>
      </MantineProvider>
    </Provider>,
  );
}

it('a rehearsal is found again by its address; to import, the package is asked for again', async () => {
  entered('/people/import?rehearsal=a1.c1', job('done'), job('done'));
  expect(await screen.findAllByText(/^Rehearsed:/)).toHaveLength(2);
  expect(await screen.findByText(/Choose the package again/)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Import now' })).toBeDisabled();
});

it('shows a bar only where there is a figure, and else what is being done', async () => {
  entered('/people/import?import=a1.c1', job('applying', { users: { done: 30, total: 120 } }), job('validating'));
  expect(await screen.findByText('Checking the package')).toBeInTheDocument();
  expect(await screen.findByText(/Working · 30 of 120/)).toBeInTheDocument();
  expect(screen.getAllByRole('progressbar').map((bar) => bar.getAttribute('aria-valuenow'))).toEqual(['25']);
});
