import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { lateness } from '../writing';

/** How late it came; nothing when it was in time. */
export function Late({ seconds }: { seconds: number | null }) {
  const { t } = useTranslation('submissions');
  if (seconds === null || seconds <= 0) return null;
  const { unit, count } = lateness(seconds);
  return (
    <Badge variant="light" color="orange">
      {t(`late.${unit}`, { count })}
    </Badge>
  );
}
