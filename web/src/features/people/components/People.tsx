import { Button, Card, Group, Modal, Select, Stack, Tabs, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFileImport, IconSearch, IconUserPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import type { Role } from '@/shared/api/schemas';
import { Page } from '@/shared/components/Page';
import { Accounts } from './Accounts';
import { Invitations } from './Invitations';
import { Invite } from './Invite';

const TYPING_MS = 250;
const ROLES: Role[] = ['admin', 'teacher', 'student'];

/** Everybody in the school: search, roles, invitations. */
export function People() {
  const { t } = useTranslation('people');
  const [query, setQuery] = useSearchParams();
  return (
    <Page
      title={t('title')}
      actions={
        <>
          <Button
            component={Link}
            to="/people/import"
            variant="default"
            leftSection={<IconFileImport size={18} aria-hidden />}
          >
            {t('import')}
          </Button>
          <Button leftSection={<IconUserPlus size={18} aria-hidden />} onClick={() => setQuery({ invite: '1' })}>
            {t('invite')}
          </Button>
        </>
      }
    >
      <Tabs defaultValue={query.get('tab') ?? 'accounts'} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="accounts">{t('accounts')}</Tabs.Tab>
          <Tabs.Tab value="invitations">{t('invitations')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="accounts">
          <Found />
        </Tabs.Panel>
        <Tabs.Panel value="invitations">
          <Invitations />
        </Tabs.Panel>
      </Tabs>
      <Modal opened={query.has('invite')} onClose={() => setQuery({})} title={t('invite')}>
        <Invite onDone={() => setQuery({})} />
      </Modal>
    </Page>
  );
}

function Found() {
  const { t } = useTranslation('people');
  const [search, setSearch] = useState('');
  const [role, setRole] = useState<Role | null>(null);
  const [status, setStatus] = useState<'active' | 'deactivated' | null>('active');
  const [settled] = useDebouncedValue(search.trim(), TYPING_MS);
  return (
    <Stack>
      <Group gap="sm">
        <TextInput
          flex={1}
          miw={220}
          aria-label={t('search')}
          placeholder={t('search')}
          leftSection={<IconSearch size={18} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Select
          w={150}
          aria-label={t('role')}
          placeholder={t('anyRole')}
          clearable
          data={ROLES.map((value) => ({ value, label: t(`role.${value}`, { ns: 'common' }) }))}
          value={role}
          onChange={(value) => setRole(value as Role | null)}
        />
        <Select
          w={150}
          aria-label={t('status')}
          placeholder={t('anyStatus')}
          clearable
          data={['active', 'deactivated'].map((value) => ({ value, label: t(value) }))}
          value={status}
          onChange={(value) => setStatus(value as typeof status)}
        />
      </Group>
      <Card p={0}>
        <Accounts filter={{ search: settled, role, status }} />
      </Card>
    </Stack>
  );
}
