import { Anchor, Group, SegmentedControl, Stack, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Navigate } from 'react-router';
import { selectActiveClassrooms } from '@/features/classrooms/store';
import { selectRole } from '@/features/session/store';
import { Empty } from '@/shared/components/Empty';
import { Page } from '@/shared/components/Page';
import { useAppSelector } from '@/shared/store';
import { OwnFigures } from './OwnFigures';
import { TaughtClassrooms } from './TaughtClassrooms';

/** A student's own figures by classroom; a teacher's over all of theirs. */
export function Performance() {
  const { t } = useTranslation('performance');
  const role = useAppSelector(selectRole);
  const student = role === 'student';
  if (role === 'admin') return <Navigate to="/teachers" replace />;
  return <Page title={t(student ? 'mine' : 'title')}>{student ? <ByClassroom /> : <TaughtClassrooms />}</Page>;
}

function ByClassroom() {
  const { t } = useTranslation('performance');
  const classrooms = useAppSelector(selectActiveClassrooms);
  const [chosen, choose] = useState(classrooms[0]?.id ?? '');
  const classroom = classrooms.find((one) => one.id === chosen);
  if (!classroom) return <Empty title={t('nothing')} />;
  return (
    <Stack>
      {classrooms.length > 1 && (
        <SegmentedControl
          aria-label={t('classroom')}
          style={{ alignSelf: 'flex-start', maxWidth: '100%', overflowX: 'auto' }}
          data={classrooms.map((one) => ({ value: one.id, label: one.title }))}
          value={chosen}
          onChange={choose}
        />
      )}
      <Group justify="space-between">
        <Title order={2}>{classroom.title}</Title>
        <Anchor component={Link} to={`/classrooms/${classroom.id}`} size="sm">
          {t('toClassroom')}
        </Anchor>
      </Group>
      <OwnFigures key={chosen} classroomId={chosen} />
    </Stack>
  );
}
