import { describe, expect, it } from 'vitest';
import { blank, KINDS, type Of } from './editor/draft';
import { solutionOf } from './solution';

const words = { yes: 'True', no: 'False' };

describe('the right answer', () => {
  it('is there for every kind that is not marked by hand', () => {
    for (const kind of KINDS) expect(solutionOf(blank(kind), words).length > 0).toBe(kind !== 'essay');
  });

  it('names the tolerance and the unit of a number', () => {
    const numeric: Of<'numeric'> = {
      ...(blank('numeric') as Of<'numeric'>),
      unit: 'm',
      accepted: [
        { value: '9.81', tolerance: '2', tolerance_in_percent: true },
        { value: '10', tolerance: '0' },
      ],
    };
    expect(solutionOf(numeric, words)).toEqual(['9.81 ± 2 % m', '10 m']);
  });
});
