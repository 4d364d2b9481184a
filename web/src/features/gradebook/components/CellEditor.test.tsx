import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { CellEditor } from './CellEditor';

it('remarks on a score above the points possible, and takes it', async () => {
  const onLeave = vi.fn();
  render(
    <MantineProvider>
      <CellEditor held="7" first="" label="Mei, Quiz" points="20" onLeave={onLeave} />
    </MantineProvider>,
  );
  const field = screen.getByRole('textbox', { name: 'Mei, Quiz' });
  await userEvent.type(field, '20');
  expect(screen.queryByText('more than the 20 points possible')).toBeNull();
  await userEvent.type(field, '0');
  expect(await screen.findByText('more than the 20 points possible')).toBeInTheDocument();
  await userEvent.type(field, '{Enter}');
  expect(onLeave).toHaveBeenCalledWith('200', 'down');
});
