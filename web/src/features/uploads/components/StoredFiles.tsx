import { Card, Progress, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Resource } from '@/shared/components/Resource';
import { fileSize } from '@/shared/format';
import { useUsageQuery } from '../api';

/** How much of their room somebody's files take, or those of the whole school. */
export function StoredFiles({ of }: { of: 'account' | 'school' }) {
  const { t } = useTranslation('uploads');
  const query = useUsageQuery();
  return (
    <Card>
      <Title order={2}>{t('stored')}</Title>
      <Resource query={query}>
        {(usage) => {
          const { bytes, files, quota_bytes } = usage[of] ?? usage.account;
          const said = t('storedOf', { count: files, used: fileSize(bytes), room: fileSize(quota_bytes) });
          return (
            <>
              <Text size="sm" c="dimmed" mb="xs">
                {said}
              </Text>
              <Progress value={quota_bytes ? (100 * bytes) / quota_bytes : 100} aria-label={said} />
            </>
          );
        }}
      </Resource>
    </Card>
  );
}
