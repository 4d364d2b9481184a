import { useInvitationsInfiniteQuery, useRostersQuery } from '@/features/people/api';
import { useTeacherFiguresInfiniteQuery } from '@/features/performance/api';
import { useSchoolQuery } from '@/features/school/api';

export interface Matter {
  what: 'failedImports' | 'expiredInvitations' | 'idleTeachers' | 'noSecondFactor';
  count: number;
  to: string;
}

/** What somebody should do something about; undefined while it is still being found out. */
export function useMatters(): Matter[] | undefined {
  const rosters = useRostersQuery().data;
  const invitations = useInvitationsInfiniteQuery().data?.pages[0];
  const teachers = useTeacherFiguresInfiniteQuery({}).data?.pages[0];
  const school = useSchoolQuery().data;
  if (!rosters || !invitations || !teachers || !school) return undefined;
  // An import that failed and was mended since is nobody's worry.
  const failed = [rosters.auth[0], rosters.classroom[0]].filter((one) => one?.status === 'failed');
  const all: Matter[] = [
    { what: 'failedImports', count: failed.length, to: '/people/import' },
    {
      what: 'expiredInvitations',
      count: invitations.items.filter(({ status }) => status === 'expired').length,
      to: '/people?tab=invitations',
    },
    {
      what: 'idleTeachers',
      count: teachers.items.filter(({ classrooms }) => classrooms.length === 0).length,
      to: '/teachers',
    },
    { what: 'noSecondFactor', count: school.second_factor === 'none' ? 1 : 0, to: '/school' },
  ];
  return all.filter(({ count }) => count > 0);
}
