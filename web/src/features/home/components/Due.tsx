import { Badge, Card, Group, Stack, Text, Title } from '@mantine/core';
import { createSelector } from '@reduxjs/toolkit';
import { useTranslation } from 'react-i18next';
import { AssignmentRow } from '@/features/assignments/components/AssignmentRow';
import { selectAllAssignments } from '@/features/assignments/store';
import { selectClassrooms } from '@/features/classrooms/store';
import { selectGrades, selectHandedIn } from '@/features/own/store';
import { selectRole } from '@/features/session/store';
import { useAppSelector } from '@/shared/store';

const SHOWN = 6;
const OVERDUE_DAYS = 14;
const DAY = 86_400_000;

/** What is still to come or just missed, soonest first; a student's handed-in work and lectures that are over aside. */
export const selectDue = createSelector(
  [selectAllAssignments, selectGrades, selectHandedIn, selectRole],
  (assignments, grades, handedIn, role) => {
    const now = Date.now();
    const missed = now - (role === 'student' ? OVERDUE_DAYS * DAY : 0);
    return assignments.filter(
      ({ id, kind, status, due_at }) =>
        status === 'published' &&
        due_at !== null &&
        Date.parse(due_at) > (kind === 'lecture' || kind === 'material' ? now : missed) &&
        !(id in grades) &&
        !(id in handedIn),
    );
  },
);

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
