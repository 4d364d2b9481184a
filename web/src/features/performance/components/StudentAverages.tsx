import type { ComponentProps } from 'react';
import { useTranslation } from 'react-i18next';
import { MoreButton } from '@/shared/components/MoreButton';
import { Resource } from '@/shared/components/Resource';
import type { Students } from '../api';
import { Averages } from './tables';

interface Props {
  classroomId: string;
  query: ComponentProps<typeof Resource<{ pages: Students[] }>>['query'] & ComponentProps<typeof MoreButton>['query'];
}

/** A classroom's students with their averages, of all they did or of a part of it. */
export function StudentAverages({ classroomId, query }: Props) {
  const { t } = useTranslation('performance');
  return (
    <Resource query={query}>
      {({ pages }) => (
        <Averages
          title={t('students')}
          head={t('student')}
          rows={pages.flatMap((page) =>
            page.items.map((one) => ({
              id: one.student_id,
              name: one.name ?? t('unknown'),
              to: `/classrooms/${classroomId}/students/${one.student_id}`,
              results: one.all_results,
              average: one.average,
            })),
          )}
        >
          <MoreButton query={query} />
        </Averages>
      )}
    </Resource>
  );
}
