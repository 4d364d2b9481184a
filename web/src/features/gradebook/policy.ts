/** Filling in a policy: its groups, and the letters many schools use. */
import type { Policy } from './api';

/** The kinds that are graded. */
const KINDS = ['quiz', 'homework', 'classwork', 'group', 'lecture'] as const;

export const LETTERS = [
  { letter: 'A', at_least: '90' },
  { letter: 'B', at_least: '80' },
  { letter: 'C', at_least: '70' },
  { letter: 'D', at_least: '60' },
  { letter: 'F', at_least: '0' },
];

const group = (key: string) => ({ key, weight: '1', drop_lowest: 0, drop_highest: 0 });

/** One group for all, one a kind, or one a topic and one for work without any. */
export function groupsOf(weighting: string, topicIds: string[]) {
  if (weighting === 'kinds') return KINDS.map(group);
  if (weighting === 'topics') return [...topicIds, 'none'].map(group);
  return [group('all')];
}

/** A policy as the form shows it, its own to write in: without groups there is still the one of everything. */
export function filled(policy: Policy): Policy {
  const groups = policy.groups?.length ? policy.groups : groupsOf(policy.weighting ?? 'none', []);
  return structuredClone({ ...policy, groups, letters: policy.letters ?? [] });
}
