import { Badge, Button, Card, Group, Stack, Table, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ask } from '@/shared/components/ask';
import { Resource } from '@/shared/components/Resource';
import { decimal } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useGradesInfiniteQuery, useReleaseGradesMutation } from '../api';
import type { Assignment } from '../store';

/** The grades that were given, and their release. They are given in the gradebook and beside the work itself. */
export function Grades({ assignment }: { assignment: Assignment }) {
  const { t } = useTranslation('assignments');
  const query = useGradesInfiniteQuery(assignment.id);
  const [release] = useReleaseGradesMutation();
  const { run, busy } = useAction();
  const hasDrafts =
    query.hasNextPage || query.data?.pages.some((page) => page.items.some((grade) => grade.released_at === null));
  const releaseAll = () =>
    ask({
      title: t('release'),
      text: t('releaseText'),
      action: t('release'),
      isSafe: true,
      onYes: () =>
        void run(async () => {
          const { released } = await release(assignment.id).unwrap();
          notifications.show({ message: t('releasedCount', { count: released }) });
        }),
    });
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2}>{t('grades')}</Title>
        <Group gap="xs">
          <Button component={Link} to={`/classrooms/${assignment.classroom_id}/gradebook`} variant="default" size="sm">
            {t('toGradebook')}
          </Button>
          {hasDrafts && (
            <Button size="sm" loading={busy} onClick={releaseAll}>
              {t('release')}
            </Button>
          )}
        </Group>
      </Group>
      <Resource query={query}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.items);
          if (all.length === 0) return <Text c="dimmed">{t('noGrades')}</Text>;
          return (
            <Stack>
              <Table.ScrollContainer minWidth={300}>
                <Table verticalSpacing="xs">
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>{t('student')}</Table.Th>
                      <Table.Th ta="right">{t('score')}</Table.Th>
                      <Table.Th>{t('state')}</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {all.map((grade) => (
                      <Table.Tr key={grade.student_id}>
                        <Table.Td>{grade.name}</Table.Td>
                        <Table.Td ta="right">
                          {decimal(grade.score)} / {decimal(grade.max_score)}
                        </Table.Td>
                        <Table.Td>
                          <Badge variant="light" color={grade.released_at ? 'leaf' : 'gray'}>
                            {t(grade.released_at ? 'released' : 'unreleased')}
                          </Badge>
                        </Table.Td>
                      </Table.Tr>
                    ))}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
              {query.hasNextPage && (
                <Button
                  variant="default"
                  w="fit-content"
                  loading={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  {t('showMore', { ns: 'common' })}
                </Button>
              )}
            </Stack>
          );
        }}
      </Resource>
    </Card>
  );
}
