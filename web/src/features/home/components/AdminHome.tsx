import { Button, SimpleGrid } from '@mantine/core';
import {
  IconFileImport,
  IconMailForward,
  IconSchool,
  IconUserPlus,
  IconUsers,
  IconUserStar,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useInvitationCountsQuery } from '@/features/people/api';
import { useSchoolFiguresQuery } from '@/features/performance/api';
import { selectSession } from '@/features/session/store';
import { Beside } from '@/shared/components/Beside';
import { Figure } from '@/shared/components/Figure';
import { Page } from '@/shared/components/Page';
import { useAppSelector } from '@/shared/store';
import { Activity } from './admin/Activity';
import { Attention } from './admin/Attention';
import { Imports } from './admin/Imports';
import { TeachersAtAGlance } from './admin/TeachersAtAGlance';

/** What an admin opens in the morning: the school in figures, what waits for them, how it goes, what happened. */
export default function AdminHome({ title }: { title: string }) {
  const { t } = useTranslation('home');
  const { person } = useAppSelector(selectSession);
  return (
    <Page
      title={title}
      subtitle={person?.school.name}
      actions={
        <>
          <Button
            component={Link}
            to="/people/import"
            variant="default"
            leftSection={<IconFileImport size={18} aria-hidden />}
          >
            {t('admin.import')}
          </Button>
          <Button component={Link} to="/people?invite=1" leftSection={<IconUserPlus size={18} aria-hidden />}>
            {t('admin.invite')}
          </Button>
        </>
      }
    >
      <Figures />
      <Attention />
      <TeachersAtAGlance />
      <Beside>
        <Activity />
        <Imports />
      </Beside>
    </Page>
  );
}

function Figures() {
  const { t } = useTranslation('home');
  const { summary } = useAppSelector(selectSession);
  const teachers = useSchoolFiguresQuery().data?.teachers;
  const waiting = useInvitationCountsQuery().data?.waiting;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }}>
      <Figure label={t('admin.classroomCount')} value={summary?.classrooms} icon={IconSchool} />
      <Figure label={t('admin.enrolmentCount')} value={summary?.enrolments} icon={IconUsers} />
      <Figure label={t('admin.teacherCount')} value={teachers} icon={IconUserStar} />
      <Figure label={t('admin.waitingCount')} value={waiting} icon={IconMailForward} />
    </SimpleGrid>
  );
}
