import { Anchor, Card, Group, SimpleGrid, Stack, Table, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAwardFilled, IconStarFilled } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { selectBadges } from '@/features/own/store';
import { Empty } from '@/shared/components/Empty';
import { MoreButton } from '@/shared/components/MoreButton';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { fullDateTime, shortDate } from '@/shared/format';
import { useAppSelector } from '@/shared/store';
import { useOwnPointsInfiniteQuery } from '../api';

/** A student's points by classroom, their badges, and what each point was for. */
export function OwnPoints() {
  const { t } = useTranslation('points');
  const query = useOwnPointsInfiniteQuery(undefined, { refetchOnMountOrArgChange: 10 });
  return (
    <Page title={t('title')} subtitle={t('text')}>
      <Resource query={query}>
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.items);
          return (
            <>
              <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }}>
                {pages[0]?.classrooms.map((one) => (
                  <Card key={one.classroom_id} p="md">
                    <Anchor component={Link} to={`/classrooms/${one.classroom_id}/leaderboard`} c="inherit" fw={600}>
                      {one.title}
                    </Anchor>
                    <Group gap="xs" mt={4}>
                      <IconStarFilled size={20} color="var(--mantine-color-yellow-6)" aria-hidden />
                      <Text fz={26} fw={700} lh={1.2}>
                        {t('points', { count: one.points })}
                      </Text>
                    </Group>
                    <Text size="sm" c="dimmed">
                      {t('badges', { count: one.badges })}
                    </Text>
                  </Card>
                ))}
              </SimpleGrid>
              <Badges />
              {entries.length === 0 ? (
                <Empty title={t('none')} icon={IconStarFilled}>
                  {t('noneText')}
                </Empty>
              ) : (
                <Card p={0}>
                  <Title order={2} p="md" pb="xs">
                    {t('entries')}
                  </Title>
                  <Table verticalSpacing="xs" horizontalSpacing="md">
                    <Table.Thead>
                      <Table.Tr>
                        <Table.Th>{t('for')}</Table.Th>
                        <Table.Th>{t('when')}</Table.Th>
                        <Table.Th ta="right">{t('title')}</Table.Th>
                      </Table.Tr>
                    </Table.Thead>
                    <Table.Tbody>
                      {entries.map((one) => (
                        <Table.Tr key={one.id}>
                          <Table.Td>
                            <Text fw={550}>{one.title}</Text>
                            <Text size="sm" c="dimmed">
                              {t(`reason.${one.reason}`)}
                            </Text>
                          </Table.Td>
                          <Table.Td title={fullDateTime(one.created_at)} style={{ whiteSpace: 'nowrap' }}>
                            {shortDate(one.created_at)}
                          </Table.Td>
                          <Table.Td ta="right" fw={650}>
                            {one.points > 0 ? `+${one.points}` : one.points}
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
    </Page>
  );
}

function Badges() {
  const { t } = useTranslation('points');
  const badges = useAppSelector(selectBadges);
  if (badges.length === 0) return null;
  return (
    <Stack gap="sm">
      <Title order={2}>{t('yourBadges')}</Title>
      <Group gap="md">
        {badges.map((badge) => (
          <Group key={badge.topic_id} gap="xs" wrap="nowrap">
            <ThemeIcon size={44} radius="xl" variant="light">
              <IconAwardFilled size={26} aria-hidden />
            </ThemeIcon>
            <div>
              <Text fw={600}>{badge.title}</Text>
              <Text size="xs" c="dimmed">
                {shortDate(badge.earned_at)}
              </Text>
            </div>
          </Group>
        ))}
      </Group>
    </Stack>
  );
}
