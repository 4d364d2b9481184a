import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Provider } from 'react-redux';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { keepToken } from '@/shared/api/tokens';
import { json, server } from '@/testing/server';
import { FileRules } from './components/FileRules';

beforeEach(() => keepToken({ access_token: 't', expires_in: 600 }));
afterEach(() => vi.unstubAllGlobals());

const MIB = 1024 ** 2;
const LIMITS = {
  max_bytes: 512 * MIB,
  types: ['application/pdf', 'text/plain'],
  possible_types: ['application/pdf', 'text/plain', 'image/png'],
  parts_above_bytes: 64 * MIB,
  account_quota_bytes: 5 * 1024 * MIB,
  chosen: { types: null, max_bytes: null, account_quota_bytes: null },
};

it('a school changes what it means to change, and of the edition that it saw', async () => {
  const seen = server({
    '/api/files/limits': [() => json(200, LIMITS, { ETag: '"3"' })],
  });
  render(
    <Provider store={makeStore()}>
      <MantineProvider>
        <FileRules />
      </MantineProvider>
    </Provider>,
  );
  const largest = await screen.findByLabelText(/Largest file/);
  expect(screen.getAllByText('Text and code')).not.toHaveLength(0);
  await userEvent.clear(largest);
  await userEvent.type(largest, '100');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  const put = await vi.waitUntil(() => seen.find(({ method }) => method === 'PUT'), { timeout: 30_000 });
  expect(put.headers.get('If-Match')).toBe('"3"');
  expect(await put.json()).toEqual({ types: null, max_bytes: 100 * MIB, account_quota_bytes: null });
});
