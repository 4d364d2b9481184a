import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { forgetToken, keepToken } from '@/shared/api/tokens';
import { useKept } from './useKept';

const signIn = (sub: string) => keepToken({ access_token: `x.${btoa(JSON.stringify({ sub }))}.x`, expires_in: 600 });
const open = () => renderHook(() => useKept('diary', ''));

beforeEach(() => sessionStorage.clear());
afterEach(forgetToken);

it('keeps what was typed for who typed it, and for nobody else at the same computer', () => {
  signIn('noa');
  const first = open();
  act(() => first.result.current[1]('Dear diary'));
  first.unmount();
  signIn('jonas');
  expect(open().result.current[0]).toBe('');
  signIn('noa');
  const again = open();
  expect(again.result.current[0]).toBe('Dear diary');
  act(() => again.result.current[2]());
  again.unmount();
  expect(open().result.current[0]).toBe('');
});
