import { Card, Group, SimpleGrid, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import {
  IconChartBar,
  IconFileImport,
  IconHistory,
  IconSchool,
  IconSettings,
  IconUserPlus,
  IconUsers,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { selectSession } from '@/features/session/store';
import { Page } from '@/shared/components/Page';
import { Figure } from '@/shared/components/Figure';
import { useAppSelector } from '@/shared/store';
import classes from './AdminHome.module.css';

const TASKS: [string, string, Icon][] = [
  ['invite', '/people?invite=1', IconUserPlus],
  ['import', '/people/import', IconFileImport],
  ['people', '/people', IconUsers],
  ['classrooms', '/classrooms', IconSchool],
  ['teachers', '/teachers', IconChartBar],
  ['audit', '/audit-log', IconHistory],
  ['school', '/school', IconSettings],
];

/** The school in figures, and what an admin comes for. */
export function AdminHome({ title }: { title: string }) {
  const { t } = useTranslation('home');
  const { person, summary } = useAppSelector(selectSession);
  return (
    <Page title={title} subtitle={person?.school.name}>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Figure label={t('admin.classroomCount')} value={summary?.classrooms} icon={IconSchool} />
        <Figure label={t('admin.enrolmentCount')} value={summary?.enrolments} icon={IconUsers} />
      </SimpleGrid>
      <Stack gap="sm">
        <Title order={2}>{t('admin.tasks')}</Title>
        <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }}>
          {TASKS.map(([key, to, Picture]) => (
            <Card key={key} component={Link} to={to} p="md" className={classes.task}>
              <Group wrap="nowrap" align="flex-start">
                <ThemeIcon variant="light" size={42} radius="md">
                  <Picture size={22} aria-hidden />
                </ThemeIcon>
                <div>
                  <Text fw={600}>{t(`admin.${key}.title`)}</Text>
                  <Text size="sm" c="dimmed">
                    {t(`admin.${key}.text`)}
                  </Text>
                </div>
              </Group>
            </Card>
          ))}
        </SimpleGrid>
      </Stack>
    </Page>
  );
}
