import { matchRoutes, type RouteObject } from 'react-router';
import { expect, test } from 'vitest';
import { VISITS } from '../../e2e/visits';
import { routes } from './router';

const patterns = (list: RouteObject[], above = ''): string[] =>
  list.flatMap(({ path = '', index, children }) => {
    const here = `${above}/${path}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
    if (children) return patterns(children, here);
    return index || path ? [here] : [];
  });

const patternOf = (visit: string): string => {
  const steps = matchRoutes(routes, visit.replace(/\{[^}]+\}/g, 'id'))!.map(({ route }) => route.path ?? '');
  return `/${steps.join('/')}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
};

test('axe looks at every page there is', () => {
  const visited = new Set(Object.values(VISITS).flat().map(patternOf));
  expect(patterns(routes).filter((pattern) => !visited.has(pattern))).toEqual([]);
});

test('the list of pages is the whole router', () => {
  expect(patterns(routes)).toContain('/classrooms/:classroomId/gradebook/policy');
  expect(patterns(routes)).toContain('/classrooms/:classroomId/leaderboard');
  expect(patterns(routes).length).toBeGreaterThan(35);
});
