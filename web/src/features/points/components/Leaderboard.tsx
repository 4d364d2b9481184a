import { Alert, Badge, Card, Group, Stack, Switch, Table, Text } from '@mantine/core';
import { IconAwardFilled, IconTrophy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { changeClassroom, selectClassroom } from '@/features/classrooms/store';
import { selectIsTeacherOf, selectPerson } from '@/features/session/store';
import { Empty } from '@/shared/components/Empty';
import { MoreButton } from '@/shared/components/MoreButton';
import { Initials } from '@/shared/components/Initials';
import { Resource } from '@/shared/components/Resource';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { useLeaderboardInfiniteQuery } from '../api';

/** Who has how many points in a classroom; students see it only where their teachers show it, their own place always. */
export function Leaderboard() {
  const { t } = useTranslation('points');
  const { classroomId = '' } = useParams();
  const teaches = useAppSelector(selectIsTeacherOf(classroomId));
  const me = useAppSelector(selectPerson)?.account_id;
  const query = useLeaderboardInfiniteQuery(classroomId, { refetchOnMountOrArgChange: 10 });
  return (
    <Stack>
      {teaches && <Shown classroomId={classroomId} />}
      <Resource query={query}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.rows);
          const own = pages[0]?.own;
          return (
            <>
              {own && (
                <Alert color="leaf" icon={<IconTrophy aria-hidden />}>
                  {t('ownPlace', { rank: own.rank, points: t('points', { count: own.points }) })}
                </Alert>
              )}
              {rows.length === 0 ? (
                <Empty title={t(pages[0]?.shown || teaches ? 'nobody' : 'hidden')} icon={IconTrophy} />
              ) : (
                <Card p={0}>
                  <Table layout="fixed" verticalSpacing="xs" horizontalSpacing="md">
                    <Table.Thead>
                      <Table.Tr>
                        <Table.Th w={76}>{t('rank')}</Table.Th>
                        <Table.Th>{t('student')}</Table.Th>
                        <Table.Th ta="right" w={90}>
                          {t('title')}
                        </Table.Th>
                      </Table.Tr>
                    </Table.Thead>
                    <Table.Tbody>
                      {rows.map((row) => (
                        <Table.Tr
                          key={row.student_id}
                          bg={row.student_id === me ? 'var(--mantine-primary-color-light)' : undefined}
                        >
                          <Table.Td fw={650}>{row.rank}</Table.Td>
                          <Table.Td>
                            <Group gap="sm" wrap="nowrap">
                              <Initials name={row.name} size={32} />
                              <Text style={{ overflowWrap: 'anywhere' }}>{row.name}</Text>
                              {row.badges > 0 && (
                                <Badge
                                  variant="light"
                                  leftSection={<IconAwardFilled size={12} aria-hidden />}
                                  role="img"
                                  aria-label={t('badges', { count: row.badges })}
                                >
                                  {row.badges}
                                </Badge>
                              )}
                            </Group>
                          </Table.Td>
                          <Table.Td ta="right" fw={650}>
                            {row.points}
                          </Table.Td>
                        </Table.Tr>
                      ))}
                    </Table.Tbody>
                  </Table>
                  <MoreButton query={query} />
                </Card>
              )}
            </>
          );
        }}
      </Resource>
    </Stack>
  );
}

/** Whether students see more than their own place. */
function Shown({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('points');
  const dispatch = useAppDispatch();
  const { run } = useAction();
  const shown = useAppSelector(selectClassroom(classroomId))?.leaderboard_shown ?? false;
  return (
    <Card p="md">
      <Switch
        label={t('show')}
        description={t('showText')}
        checked={shown}
        onChange={(event) => {
          const patch = { leaderboard_shown: event.currentTarget.checked };
          void run(() => dispatch(changeClassroom({ id: classroomId, patch })).unwrap());
        }}
      />
    </Card>
  );
}
