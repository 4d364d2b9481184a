import { Anchor, Card, Group, SimpleGrid, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { colourOf } from '@/features/classrooms/colour';
import { selectActiveClassrooms, type Classroom } from '@/features/classrooms/store';
import { selectPerson } from '@/features/session/store';
import { Empty } from '@/shared/components/Empty';
import { Resource } from '@/shared/components/Resource';
import { decimal, percent } from '@/shared/format';
import { useAppSelector } from '@/shared/store';
import { useClassroomFiguresQuery } from '../api';
import { Trend } from './Charts';
import classes from './TaughtClassrooms.module.css';

/** A teacher's classrooms side by side, each with the way into its figures. */
export function TaughtClassrooms() {
  const { t } = useTranslation('performance');
  const taught = useAppSelector(selectPerson)?.taught ?? [];
  const classrooms = useAppSelector(selectActiveClassrooms).filter((one) => taught.includes(one.id));
  if (classrooms.length === 0) return <Empty title={t('nothing')} />;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      {classrooms.map((one) => (
        <Taught key={one.id} classroom={one} />
      ))}
    </SimpleGrid>
  );
}

function Taught({ classroom }: { classroom: Classroom }) {
  const { t } = useTranslation('performance');
  const query = useClassroomFiguresQuery(classroom.id);
  return (
    <Card className={classes.card} style={{ '--colour': colourOf(classroom) }}>
      <Title order={2} mb="sm">
        <Anchor component={Link} to={`/classrooms/${classroom.id}/performance`} inherit c="inherit">
          {classroom.title}
        </Anchor>
      </Title>
      <Resource query={query}>
        {(figures) => (
          <>
            <Group gap="xl" mb="md">
              <One label={t('quizAverage')} value={percent(figures.quiz_average)} />
              <One label={t('overall')} value={percent(figures.average)} />
              <One label={t('students')} value={decimal(figures.students)} />
            </Group>
            <Trend months={figures.trend} bare />
          </>
        )}
      </Resource>
    </Card>
  );
}

const One = ({ label, value }: { label: string; value: string }) => (
  <div>
    <Text size="sm" c="dimmed">
      {label}
    </Text>
    <Text fz={24} fw={700} lh={1.3}>
      {value}
    </Text>
  </div>
);
