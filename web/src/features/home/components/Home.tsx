import { Button, SimpleGrid, Stack, Title } from '@mantine/core';
import { IconPlus, IconSchool } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { ClassroomCard } from '@/features/classrooms/components/ClassroomCard';
import { selectActiveClassrooms } from '@/features/classrooms/store';
import { selectPerson, selectRole } from '@/features/session/store';
import { Empty } from '@/shared/components/Empty';
import { Loading } from '@/shared/components/Loading';
import { Page } from '@/shared/components/Page';
import { useAppSelector } from '@/shared/store';
import { Due } from './Due';
import { Resume } from './Resume';

// Its charts are an admin's alone to load.
const AdminHome = lazy(() => import('./AdminHome'));

/** Where one goes on: the last thing first, then what is due, then the classrooms. */
export function Home() {
  const { t } = useTranslation('home');
  const role = useAppSelector(selectRole);
  const person = useAppSelector(selectPerson);
  const title = t('hello', { name: person?.name.split(' ')[0] });
  if (role === 'admin') {
    return (
      <Suspense fallback={<Loading />}>
        <AdminHome title={title} />
      </Suspense>
    );
  }
  return (
    <Page title={title} actions={<Start />}>
      <Resume />
      <Due />
      <MyClassrooms />
    </Page>
  );
}

function Start() {
  const { t } = useTranslation('home');
  const student = useAppSelector(selectRole) === 'student';
  return (
    <Button
      component={Link}
      to={student ? '/join' : '/classrooms?new=1'}
      leftSection={<IconPlus size={18} aria-hidden />}
    >
      {t(student ? 'join' : 'open')}
    </Button>
  );
}

function MyClassrooms() {
  const { t } = useTranslation('home');
  const classrooms = useAppSelector(selectActiveClassrooms);
  const student = useAppSelector(selectRole) === 'student';
  return (
    <Stack gap="sm">
      <Title order={2}>{t('classrooms')}</Title>
      {classrooms.length === 0 && (
        <Empty title={t('noClassrooms')} icon={IconSchool}>
          {t(student ? 'joinFirst' : 'openFirst')}
        </Empty>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }}>
        {classrooms.map((one) => (
          <ClassroomCard key={one.id} classroom={one} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}
