import { Badge, Box, Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, Outlet, useLocation, useParams } from 'react-router';
import { selectIsTeacherOf } from '@/features/session/store';
import { Empty } from '@/shared/components/Empty';
import { useAppSelector } from '@/shared/store';
import { colourOf } from '../colour';
import { selectClassroom } from '../store';
import classes from './ClassroomFrame.module.css';

const TEACHER_TABS = ['track', 'people', 'gradebook', 'performance', 'leaderboard', 'settings'];
const STUDENT_TABS = ['track', 'people', 'performance', 'leaderboard', 'settings'];

/** The head of a classroom, in its colour, and its parts. */
export function ClassroomFrame() {
  const { t } = useTranslation('classrooms');
  const { classroomId = '' } = useParams();
  const classroom = useAppSelector(selectClassroom(classroomId));
  const teaches = useAppSelector(selectIsTeacherOf(classroomId));
  useDocumentTitle(`${classroom?.title ?? t('title')} · Homeroom`);
  if (!classroom)
    return (
      <Empty title={t('boundary.notFound.title', { ns: 'common' })}>
        {t('boundary.notFound.text', { ns: 'common' })}
      </Empty>
    );
  return (
    <Stack gap="lg" maw={1180} mx="auto">
      <Box className={classes.head} style={{ background: colourOf(classroom) }}>
        <Group justify="space-between" align="flex-end" gap="sm">
          <Box miw={0}>
            <Text size="sm">{[classroom.subject, classroom.term?.title].filter(Boolean).join(' · ')}</Text>
            <Title order={1} style={{ overflowWrap: 'anywhere' }}>
              {classroom.title}
            </Title>
            <Text size="sm" mt={4}>
              {t('taughtBy', { names: classroom.teachers.map((one) => one.name).join(', ') })}
            </Text>
          </Box>
          {classroom.status === 'archived' && <Badge color="dark">{t('archived')}</Badge>}
        </Group>
      </Box>
      <Tabs names={teaches ? TEACHER_TABS : STUDENT_TABS} />
      <Outlet />
    </Stack>
  );
}

/** On a phone they are wider than it is: the one that is open is brought into view. */
function Tabs({ names }: { names: string[] }) {
  const { t } = useTranslation('classrooms');
  const { pathname } = useLocation();
  const tabs = useRef<HTMLElement>(null);
  useEffect(() => {
    const open = tabs.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (open) tabs.current!.scrollLeft = open.offsetLeft + open.offsetWidth / 2 - tabs.current!.clientWidth / 2;
  }, [pathname]);
  return (
    <nav ref={tabs} aria-label={t('tabs.label')} className={classes.tabs}>
      {names.map((tab) => (
        <NavLink key={tab} to={tab === 'track' ? '.' : tab} end={tab === 'track'} className={classes.tab}>
          {t(`tabs.${tab}`)}
        </NavLink>
      ))}
    </nav>
  );
}
