import { describe, expect, it } from 'vitest';
import { refusal } from './problem';

const refused = async (document: object) =>
  (await refusal(new Response(JSON.stringify(document), { status: 422 }))).problem;

describe('a refused form', () => {
  it('is told in plain words, by the field', async () => {
    const errors = [
      { field: 'body.title', message: 'String should have at least 1 character', code: 'string_too_short' },
      { field: 'body.name', message: 'String should have at most 200 characters', code: 'string_too_long' },
      { field: 'body.points', message: 'Input should be greater than or equal to 0', code: 'greater_than_equal' },
      { field: 'body.accepted', message: 'Value error, No answer is right.', code: 'value_error' },
      { field: 'body.weight', message: 'Input should be a valid decimal', code: 'decimal_parsing' },
      { field: 'body.code', message: 'This code is used up.', code: 'used' },
    ];
    const { detail, fields } = await refused({ title: 'Invalid input', detail: '6 field(s) are wrong.', errors });
    expect(detail).toBe('6 fields need another look.');
    expect(fields).toEqual({
      title: 'Fill this in.',
      name: 'At most 200 characters.',
      points: 'At least 0.',
      accepted: 'No answer is right.',
      weight: 'Type a number.',
      code: 'This code is used up.',
    });
  });

  it('says when it is only one', async () => {
    expect((await refused({ detail: '1 field(s) are wrong.' })).detail).toBe('One field needs another look.');
  });
});
