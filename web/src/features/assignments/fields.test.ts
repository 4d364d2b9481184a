import { beforeEach, describe, expect, it } from 'vitest';
import { chooseTimeZone } from '@/shared/format';
import { BLANK, bodyOf, linksOf, patchOf } from './fields';

const at = '2026-12-01T08:00:00Z';

describe('what is sent of an assignment', () => {
  beforeEach(() => chooseTimeZone('Europe/Berlin'));

  it('waits for its time only where it is to be published', () => {
    const fields = { ...BLANK, title: ' Waves ', publish_at: at };
    expect(bodyOf(fields, true)).toMatchObject({ title: 'Waves', status: 'scheduled', publish_at: at });
    expect(bodyOf(fields, false)).toMatchObject({ status: 'draft', publish_at: null });
    expect(bodyOf({ ...fields, publish_at: null }, true)).toMatchObject({ status: 'published', publish_at: null });
  });

  it('leaves out what its kind has not, and says in which zone it is due', () => {
    const body = bodyOf({ ...BLANK, kind: 'material', turn_in_limit: 3, due_at: at }, true);
    expect(body).toMatchObject({ points_possible: null, turn_in_limit: null, due_at: at, due_zone: 'Europe/Berlin' });
    expect(bodyOf(BLANK, true)).not.toHaveProperty('due_zone');
  });

  it('mends addresses and drops empty rows', () => {
    const links = [
      { url: ' example.test/a ', title: ' ' },
      { url: '', title: 'nothing' },
      { url: 'http://b.test', title: 'B' },
    ];
    expect(linksOf(links)).toEqual([
      { url: 'https://example.test/a', title: null },
      { url: 'http://b.test', title: 'B' },
    ]);
  });

  it('patches what was changed alone, and never when it was published', () => {
    expect(patchOf({ accepts_late: false }, 'published')).toEqual({ accepts_late: false });
    expect(patchOf({ publish_at: at }, 'draft')).toEqual({ status: 'scheduled', publish_at: at });
    expect(patchOf({ publish_at: null }, 'scheduled')).toEqual({ status: 'draft' });
    expect(patchOf({ publish_at: at }, 'published')).toEqual({});
    expect(patchOf({ due_at: null }, 'draft')).toEqual({ due_at: null });
  });
});
