import { MantineProvider } from '@mantine/core';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Provider } from 'react-redux';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { makeStore } from '@/app/store';
import type { Problem } from '@/shared/api/problem';
import { keepToken } from '@/shared/api/tokens';
import { json, server } from '@/testing/server';
import { UploadList } from './components/UploadList';
import { whyNotTaken } from './refusal';

beforeEach(() => keepToken({ access_token: 't', expires_in: 600 }));
afterEach(() => vi.unstubAllGlobals());

const LIMITS = { max_bytes: 2048, types: ['application/pdf', 'audio/mpeg', 'audio/wav'] };

async function chosen(...files: File[]) {
  server({ '/api/files/limits': [() => json(200, LIMITS, { ETag: '"1"' })] });
  render(
    <Provider store={makeStore()}>
      <MantineProvider>
        <UploadList files={[]} onAdd={() => undefined} onRemove={() => undefined} />
      </MantineProvider>
    </Provider>,
  );
  await screen.findByText('Up to 2 KB each');
  const input = document.querySelector<HTMLInputElement>('input[type=file]')!;
  await userEvent.setup({ applyAccept: false }).upload(input, files);
}

it('a file that is too large is told its size and the limit', async () => {
  await chosen(new File(['x'.repeat(3072)], 'essay.pdf', { type: 'application/pdf' }));
  expect(await screen.findByText('essay.pdf was not taken')).toBeInTheDocument();
  expect(screen.getByText('It has 3 KB; a file may have up to 2 KB.')).toBeInTheDocument();
});

it('a file of another kind is told the kinds that are taken', async () => {
  await chosen(new File(['x'], 'game.exe', { type: 'application/x-msdownload' }));
  expect(await screen.findByText('game.exe was not taken')).toBeInTheDocument();
  expect(screen.getByText('This kind of file is not taken. Taken are: PDF, Sound (mp3, wav).')).toBeInTheDocument();
});

it('what the service refuses is told in the same words', () => {
  const fields = { size: 'Send at most 2048 bytes.', name: 'A name of this type ends in .txt.' };
  const problem: Problem = { status: 422, code: '', title: '', detail: '2 fields', fields, requestId: '', extra: {} };
  const file = new File(['x'.repeat(4096)], 'a.exe');
  expect(whyNotTaken(problem, file, { mostBytes: 2048 })).toBe(
    'It has 4 KB; a file may have up to 2 KB. A name of this type ends in .txt.',
  );
  expect(whyNotTaken({ ...problem, fields: {} }, file, {})).toBe('2 fields');
});
