import { describe, expect, it } from 'vitest';
import { blank, bodyOf, copyOf, draftOf, entry, errorsOf, KINDS, onto, shown, totalOf, within, type Of } from './draft';

const saved = (ids: string[], revision = 1) => ({
  questions: ids.map((id) => ({ ...blank('essay'), id, title: id })),
  draws: [{ count: 2, points: '3', tags: ['algebra'], questions: [{ ...blank('essay'), id: 'pool' }] }],
  max_score: '0',
  revision,
});

describe('a draft of a quiz', () => {
  it('says nothing of the key to a student', () => {
    const telling = /correct|weight|feedback|accepted|answer|guidance|explanation|right_id|credit/;
    for (const kind of KINDS) expect(JSON.stringify(shown(blank(kind), 'k'))).not.toMatch(telling);
  });

  it('mixes what would tell the order', () => {
    const ordering = blank('ordering') as Of<'ordering'>;
    ordering.items = [
      { id: 'b', text: 'first' },
      { id: 'a', text: 'second' },
    ];
    expect(shown(ordering, 'k').items?.map((item) => item.id)).toEqual(['a', 'b']);
  });

  it('draws by tags from the bank again, and sums up what can be reached', () => {
    const draft = draftOf(saved(['one', 'two']));
    expect(bodyOf(draft).draws).toEqual([{ count: 2, points: '3', tags: ['algebra'] }]);
    expect(totalOf(draft)).toBe(8);
  });

  it('makes new what somebody else deleted meanwhile', () => {
    const ours = draftOf(saved(['one', 'two']));
    const rebased = onto(ours, saved(['two', 'three'], 7));
    expect(rebased.revision).toBe(7);
    expect(rebased.entries.map((one) => one.question.id)).toEqual([null, 'two']);
  });

  it('copies with ids of its own, each side of a pair another', () => {
    const matching = { ...(blank('matching') as Of<'matching'>), id: 'old' };
    const copy = copyOf(matching) as Of<'matching'>;
    const ids = (one: Of<'matching'>) => one.pairs.flatMap((pair) => [pair.id, pair.right_id]);
    expect(copy.id).toBeNull();
    expect(new Set([...ids(matching), ...ids(copy)]).size).toBe(8);
  });

  it('gives a new question a key but no id', () => {
    expect(entry(blank('essay')).key).toBeTruthy();
    expect(bodyOf({ ...draftOf(saved([])), entries: [entry(blank('essay'))] }).questions?.[0]?.id).toBeUndefined();
  });
});

describe("the service's words", () => {
  it('find their field', () => {
    const errors = errorsOf({
      'questions.2.single_choice.choices.0.text': 'too long',
      'questions.2.single_choice': 'mark one',
      'questions.20.title': 'another',
    });
    expect(within(errors, 'questions.2')).toEqual({ 'choices.0.text': 'too long', '': 'mark one' });
  });
});
