import { describe, expect, it } from 'vitest';
import { fromClassroom, fromGrading } from './analysis';

const figures = { n: 9, kind: 'single_choice', title: 'Q' };

describe('the item analysis', () => {
  it('is the same in whichever service it was made', () => {
    const released = fromGrading({
      attempts: 9,
      quiz: null,
      questions: [
        {
          ...figures,
          question_id: 'q',
          position: 0,
          facility: '0.5',
          discrimination_index: '-12.5',
          discriminative_efficiency: null,
          choices: [{ choice_id: 'c', text: 'A', correct: true, chosen: 4 }],
          findings: ['too_hard'],
        },
      ],
    } as never);
    const own = fromClassroom({
      n: 9,
      mean: null,
      median: null,
      standard_deviation: null,
      internal_consistency: null,
      items: [
        {
          ...figures,
          question_id: 'q',
          facility: 0.5,
          discrimination_index: -12.5,
          discriminative_efficiency: null,
          choices: [{ choice_id: 'c', n: 4 }],
        },
      ],
    } as never);
    const item = { facility: 50, discrimination: -12.5, efficiency: null, n: 9 };
    expect(released.items[0]).toMatchObject({ ...item, choices: [{ text: 'A', correct: true, n: 4 }] });
    expect(own.items[0]).toMatchObject({ ...item, choices: [{ text: null, n: 4 }] });
    expect(own.mean).toBeNull();
    expect(released.mean).toBeNull();
  });
});
