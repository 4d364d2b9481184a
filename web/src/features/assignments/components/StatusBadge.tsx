import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { dateTime } from '@/shared/format';
import type { Assignment } from '../store';

/** That students do not see it yet, and from when on they will. */
export function StatusBadge({ assignment: { status, publish_at } }: { assignment: Assignment }) {
  const { t } = useTranslation('assignments');
  if (status === 'published') return null;
  return (
    <Badge variant="outline" color="gray">
      {status === 'scheduled' && publish_at ? t('scheduledFor', { at: dateTime(publish_at) }) : t('draft')}
    </Badge>
  );
}
