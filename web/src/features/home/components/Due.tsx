import { Badge, Card, Group, Stack, Text, Title } from '@mantine/core';
import { createSelector } from '@reduxjs/toolkit';
import { useTranslation } from 'react-i18next';
import { AssignmentRow } from '@/features/assignments/components/AssignmentRow';
import { selectAllAssignments } from '@/features/assignments/store';
import { selectClassrooms } from '@/features/classrooms/store';
import { selectGrades } from '@/features/own/store';
import { selectRole } from '@/features/session/store';
import { useAppSelector } from '@/shared/store';

const SHOWN = 6;
const OVERDUE_DAYS = 14;
const DAY = 86_400_000;

/** What is still to come or just missed, soonest first. */
const selectDue = createSelector([selectAllAssignments, selectGrades, selectRole], (assignments, grades, role) => {
  const since = new Date(Date.now() - (role === 'student' ? OVERDUE_DAYS * DAY : 0)).toISOString();
  return assignments.filter(
    (one) => one.status === 'published' && one.due_at !== null && one.due_at > since && !(one.id in grades),
  );
});

export function Due() {
  const { t } = useTranslation('home');
  const due = useAppSelector(selectDue);
  const titles = Object.fromEntries(useAppSelector(selectClassrooms).map((one) => [one.id, one.title]));
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Title order={2}>{t('due')}</Title>
        {due.length > 0 && <Badge variant="light">{due.length}</Badge>}
      </Group>
      <Card p="xs">
        {due.length === 0 ? (
          <Text c="dimmed" p="sm">
            {t('nothingDue')}
          </Text>
        ) : (
          due
            .slice(0, SHOWN)
            .map((one) => <AssignmentRow key={one.id} assignment={one} place={titles[one.classroom_id]} />)
        )}
      </Card>
    </Stack>
  );
}
