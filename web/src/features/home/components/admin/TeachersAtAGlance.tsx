import '@mantine/charts/styles.layer.css';
import { Sparkline } from '@mantine/charts';
import { Anchor, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useSchoolFiguresQuery } from '@/features/performance/api';
import { Resource } from '@/shared/components/Resource';
import type { GradingSchemas } from '@/shared/api/schemas';
import { percent } from '@/shared/format';
import { Section } from './Section';

type Teacher = GradingSchemas['Teacher'];

/** How the teachers' quiz averages stand and moved; those with the most results first. */
export function TeachersAtAGlance() {
  const { t } = useTranslation('home');
  const query = useSchoolFiguresQuery();
  return (
    <Section title={t('admin.teachers')} whole={[t('admin.allTeachers'), '/teachers']}>
      <Resource query={query}>
        {({ busiest }) => {
          if (busiest.length === 0) return <Text c="dimmed">{t('admin.noTeachers')}</Text>;
          return (
            <Table verticalSpacing="sm">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('admin.teacher')}</Table.Th>
                  <Table.Th visibleFrom="sm" ta="right">
                    {t('admin.results')}
                  </Table.Th>
                  <Table.Th>{t('admin.trend')}</Table.Th>
                  <Table.Th ta="right">{t('admin.average')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {busiest.map((teacher) => (
                  <Row key={teacher.teacher_id} teacher={teacher} />
                ))}
              </Table.Tbody>
            </Table>
          );
        }}
      </Resource>
    </Section>
  );
}

function Row({ teacher }: { teacher: Teacher }) {
  const { t } = useTranslation('home');
  return (
    <Table.Tr>
      <Table.Td>
        <Anchor component={Link} to={`/teachers/${teacher.teacher_id}`} c="inherit" fw={550}>
          {teacher.name}
        </Anchor>
        <Text size="xs" c="dimmed">
          {t('admin.classroomsOf', { count: teacher.classrooms.length })}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="sm" ta="right">
        {teacher.results}
      </Table.Td>
      <Table.Td w="40%">
        <Line months={teacher.trend} />
      </Table.Td>
      <Table.Td ta="right" fw={650} style={{ whiteSpace: 'nowrap' }}>
        {percent(teacher.quiz_average)}
      </Table.Td>
    </Table.Tr>
  );
}

function Line({ months }: { months: Teacher['trend'] }) {
  const known = months.filter((month) => month.quiz_average !== null);
  if (known.length < 2) return <Text c="dimmed">–</Text>;
  return (
    <div role="img" aria-label={known.map((month) => `${month.month}: ${percent(month.quiz_average)}`).join(', ')}>
      <Sparkline h={36} data={known.map((month) => Number(month.quiz_average))} color="leaf.6" fillOpacity={0.25} />
    </div>
  );
}
