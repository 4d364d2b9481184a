import { Button, Modal, SimpleGrid, Stack, TextInput } from '@mantine/core';
import { IconPlus, IconSchool, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { selectRole } from '@/features/session/store';
import { Empty } from '@/shared/components/Empty';
import { Page } from '@/shared/components/Page';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { openClassroom, selectClassrooms } from '../store';
import { AllClassrooms } from './AllClassrooms';
import { ClassroomCard } from './ClassroomCard';
import { ClassroomForm } from './ClassroomForm';

const BLANK = { title: '', subject: '', colour: null };
const MANY = 8;

/** All classrooms of the person; of the school, for an admin. */
export function Classrooms() {
  const { t } = useTranslation('classrooms');
  const role = useAppSelector(selectRole);
  const [query, setQuery] = useSearchParams();
  const open = () => setQuery({ new: '1' });
  const action =
    role === 'student' ? (
      <Button component={Link} to="/join" leftSection={<IconPlus size={18} aria-hidden />}>
        {t('join')}
      </Button>
    ) : (
      <Button onClick={open} leftSection={<IconPlus size={18} aria-hidden />}>
        {t('open')}
      </Button>
    );
  return (
    <Page title={t('title')} actions={action}>
      {role === 'admin' ? <AllClassrooms /> : <MyClassrooms />}
      <Modal opened={query.has('new')} onClose={() => setQuery({})} title={t('open')}>
        <NewClassroom />
      </Modal>
    </Page>
  );
}

function MyClassrooms() {
  const { t } = useTranslation('classrooms');
  const classrooms = useAppSelector(selectClassrooms);
  const [search, setSearch] = useState('');
  const words = search.toLocaleLowerCase();
  const found = classrooms.filter((one) => `${one.title} ${one.subject ?? ''}`.toLocaleLowerCase().includes(words));
  if (classrooms.length === 0) {
    return (
      <Empty title={t('none')} icon={IconSchool}>
        {t('noneText')}
      </Empty>
    );
  }
  return (
    <Stack>
      {classrooms.length > MANY && (
        <TextInput
          aria-label={t('search')}
          placeholder={t('search')}
          leftSection={<IconSearch size={18} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          maw={360}
        />
      )}
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 3 }}>
        {found.map((one) => (
          <ClassroomCard key={one.id} classroom={one} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}

function NewClassroom() {
  const { t } = useTranslation('classrooms');
  const dispatch = useAppDispatch();
  const go = useNavigate();
  const { run, busy, problem } = useAction({ quiet: true });
  const create = (fields: Parameters<typeof openClassroom>[0]) =>
    run(async () => go(`/classrooms/${await dispatch(openClassroom(fields)).unwrap()}`), t('created'));
  return (
    <ClassroomForm
      initial={BLANK}
      action={t('form.create')}
      busy={busy}
      problem={problem}
      onSave={(fields) => void create(fields)}
    />
  );
}
