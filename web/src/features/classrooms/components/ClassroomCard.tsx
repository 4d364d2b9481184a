import { Badge, Card, Group, Progress, Stack, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { progress, selectAssignments } from '@/features/assignments/store';
import { selectBehind } from '@/features/own/store';
import { selectRole } from '@/features/session/store';
import { useAppSelector } from '@/shared/store';
import { colourOf } from '../colour';
import type { Classroom } from '../store';
import classes from './ClassroomCard.module.css';

/** A classroom at a glance: its colour, who teaches it, how far one is. */
export function ClassroomCard({ classroom }: { classroom: Classroom }) {
  const { t } = useTranslation('classrooms');
  const student = useAppSelector(selectRole) === 'student';
  return (
    <Card component={Link} to={`/classrooms/${classroom.id}`} p={0} className={classes.card}>
      <div className={classes.cover} style={{ background: colourOf(classroom) }}>
        <Text fw={650} fz="lg" lineClamp={2}>
          {classroom.title}
        </Text>
        <Text size="sm" lineClamp={1}>
          {[classroom.subject, classroom.term?.title].filter(Boolean).join(' · ')}
        </Text>
      </div>
      <Stack gap="sm" p="md" justify="space-between" flex={1}>
        <Text size="sm" c="dimmed" lineClamp={1}>
          {classroom.teachers.map((teacher) => teacher.name).join(', ')}
        </Text>
        {classroom.status === 'archived' && (
          <Badge variant="light" color="gray">
            {t('archived')}
          </Badge>
        )}
        {student ? <Done classroomId={classroom.id} /> : <Size classroom={classroom} />}
      </Stack>
    </Card>
  );
}

function Done({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('classrooms');
  const list = useAppSelector(selectAssignments(classroomId));
  const behind = useAppSelector(selectBehind);
  const { done, total } = progress(list, behind);
  return (
    <Stack gap={6}>
      <Progress value={total ? (100 * done) / total : 0} size="md" radius="xl" aria-label={t('progress')} />
      <Text size="sm" c="dimmed">
        {t('done', { done, total })}
      </Text>
    </Stack>
  );
}

function Size({ classroom }: { classroom: Classroom }) {
  const { t } = useTranslation('classrooms');
  return (
    <Group gap={6} c="dimmed">
      <IconUsers size={16} aria-hidden />
      <Text size="sm">{t('students', { count: classroom.student_count ?? 0 })}</Text>
    </Group>
  );
}
