import { Skeleton, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** A page that is on its way. */
export function Loading({ rows = 4 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <Stack role="status" aria-label={t('loading')} aria-busy>
      <Skeleton h={36} w="45%" maw={320} />
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} h={72} radius="lg" />
      ))}
    </Stack>
  );
}
