import { useInvitationCountsQuery, useRostersQuery } from '@/features/people/api';
import { useSchoolFiguresQuery } from '@/features/performance/api';
import { useSchoolQuery } from '@/features/school/api';

export interface Matter {
  what: 'failedImports' | 'expiredInvitations' | 'idleTeachers' | 'noSecondFactor';
  count: number;
  to: string;
}

/** What somebody should do something about; undefined while it is still being found out. */
export function useMatters(): Matter[] | undefined {
  const rosters = useRostersQuery().data;
  const invitations = useInvitationCountsQuery().data;
  const figures = useSchoolFiguresQuery().data;
  const school = useSchoolQuery().data;
  if (!rosters || !invitations || !figures || !school) return undefined;
  // An import that failed and was mended since is nobody's worry.
  const failed = [rosters.auth[0], rosters.classroom[0]].filter((one) => one?.status === 'failed');
  const all: Matter[] = [
    { what: 'failedImports', count: failed.length, to: '/people/import' },
    { what: 'expiredInvitations', count: invitations.expired, to: '/people?tab=invitations' },
    { what: 'idleTeachers', count: figures.idle_teachers, to: '/teachers' },
    { what: 'noSecondFactor', count: school.second_factor === 'none' ? 1 : 0, to: '/school' },
  ];
  return all.filter(({ count }) => count > 0);
}
