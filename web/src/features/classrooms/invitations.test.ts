import { expect, it } from 'vitest';
import { addressesIn } from './invitations';

it('reads addresses as they are pasted, each once', () => {
  const pasted = 'Ann <Ann@school.example>, bob@school.example;\nann@school.example\tcarl@school.example nobody';
  expect(addressesIn(pasted)).toEqual(['ann@school.example', 'bob@school.example', 'carl@school.example']);
});
