import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import { Provider } from 'react-redux';
import { afterEach, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import { json, server } from '@/testing/server';
import { NewPassword } from './NewPassword';

afterEach(() => vi.unstubAllGlobals());

const shown = () =>
  render(
    <Provider store={makeStore()}>
      <MantineProvider>
        <NewPassword label="New password" why="Yours is temporary." />
      </MantineProvider>
    </Provider>,
  );

it('tells the length that the server asks for, and promises none before it is known', async () => {
  server({ '/api/auth/password-rule': [() => json(200, { min_length: 13, max_length: 200 })] });
  shown();
  expect(screen.getByText('Yours is temporary. A few unusual words make a good one.')).toBeInTheDocument();
  expect(await screen.findByText(/^Yours is temporary\. At least 13 characters;/)).toBeInTheDocument();
});
