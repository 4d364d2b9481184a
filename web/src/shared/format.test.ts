import { beforeEach, describe, expect, it } from 'vitest';
import { chooseTimeZone, fromNow } from './format';

const now = Date.parse('2026-11-24T20:00:00Z');

describe('how far a time is', () => {
  beforeEach(() => chooseTimeZone('Europe/Berlin'));

  it.each([
    ['2026-11-24T20:05:00Z', 'in 5 minutes'],
    ['2026-11-24T19:58:00Z', '2 minutes ago'],
    ['2026-11-24T22:30:00Z', 'in 2 hours'],
    ['2026-11-25T01:30:00Z', 'in 5 hours'],
    ['2026-11-25T22:30:00Z', 'tomorrow'],
    ['2026-11-24T02:00:00Z', '18 hours ago'],
    ['2026-11-23T08:00:00Z', 'yesterday'],
    ['2026-11-26T23:30:00Z', 'in 3 days'],
    ['2026-12-10T12:00:00Z', 'in 2 weeks'],
    ['2026-08-20T12:00:00Z', '3 months ago'],
    ['2028-12-24T12:00:00Z', 'in 2 years'],
  ])('%s: %s', (at, words) => expect(fromNow(at, now)).toBe(words));

  it('counts days by the calendar of the person, not by hours', () => {
    chooseTimeZone('Asia/Tokyo');
    expect(fromNow('2026-11-25T16:00:00Z', now)).toBe('tomorrow');
    chooseTimeZone('America/Los_Angeles');
    expect(fromNow('2026-11-26T07:00:00Z', now)).toBe('tomorrow');
  });
});
