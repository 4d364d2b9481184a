import { Button, Card, Group, Modal, SimpleGrid, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { decimal } from '@/shared/format';
import type { Conflict } from './useGrading';

interface Side {
  score: string | number | null;
  excused: boolean;
  feedback: string;
}

interface Props {
  conflict: Conflict | null;
  onSettle: (mine: boolean) => Promise<void>;
}

/** Two people graded the same work: both values, and which one to keep. */
export function ConflictDialog({ conflict, onSettle }: Props) {
  const { t } = useTranslation('gradebook');
  if (!conflict) return null;
  const { theirs, yours, who } = conflict;
  return (
    <Modal opened onClose={() => void onSettle(false)} title={t('conflict.title')}>
      <Stack>
        <Text size="sm">{t('conflict.text', { who })}</Text>
        <SimpleGrid cols={2}>
          <Value title={t('conflict.theirs')} side={theirs} />
          <Value
            title={t('conflict.yours')}
            side={{ ...yours, score: yours.score, excused: yours.excused ?? false, feedback: yours.feedback ?? '' }}
          />
        </SimpleGrid>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => void onSettle(false)}>
            {t('conflict.keepTheirs')}
          </Button>
          <Button onClick={() => void onSettle(true)}>{t('conflict.keepYours')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Value({ title, side }: { title: string; side: Side }) {
  const { t } = useTranslation('gradebook');
  return (
    <Card padding="sm">
      <Text size="xs" c="dimmed">
        {title}
      </Text>
      <Text fz="xl" fw={700}>
        {side.excused ? t('look.excused') : decimal(side.score)}
      </Text>
      {side.feedback && (
        <Text size="sm" lineClamp={4}>
          {side.feedback}
        </Text>
      )}
    </Card>
  );
}
