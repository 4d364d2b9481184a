import { ActionIcon, Avatar, Badge, Code, Group, Menu, Select, Table, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconDots } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { selectPerson } from '@/features/session/store';
import type { Account, Role } from '@/shared/api/schemas';
import { ask } from '@/shared/components/ask';
import { Empty } from '@/shared/components/Empty';
import { MoreButton } from '@/shared/components/MoreButton';
import { Resource } from '@/shared/components/Resource';
import { initials } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useAppSelector } from '@/shared/store';
import {
  useAccountsInfiniteQuery,
  useChangeAccountMutation,
  useEndSessionsOfMutation,
  useTemporaryPasswordMutation,
  type Filter,
} from '../api';

export function Accounts({ filter }: { filter: Filter }) {
  const { t } = useTranslation('people');
  const query = useAccountsInfiniteQuery(filter);
  return (
    <Resource query={query}>
      {({ pages }) => {
        const all = pages.flatMap((page) => page.items);
        if (all.length === 0) return <Empty title={t('nobody')}>{t('nobodyText')}</Empty>;
        return (
          <>
            <Table.ScrollContainer minWidth={320}>
              <Table verticalSpacing="xs" horizontalSpacing="md">
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>{t('name')}</Table.Th>
                    <Table.Th w={{ base: 118, sm: 150 }}>{t('role')}</Table.Th>
                    <Table.Th w={140} visibleFrom="sm">
                      {t('status')}
                    </Table.Th>
                    <Table.Th w={{ base: 40, sm: 60 }} aria-label={t('actions')} />
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {all.map((account) => (
                    <Row key={account.id} account={account} />
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
            <MoreButton query={query} />
          </>
        );
      }}
    </Resource>
  );
}

function Row({ account }: { account: Account }) {
  const { t } = useTranslation('people');
  const me = useAppSelector(selectPerson)?.account_id === account.id;
  const [change] = useChangeAccountMutation();
  const { run, busy } = useAction();
  const setRole = (role: Role) =>
    void run(() => change({ id: account.id, change: { role } }).unwrap(), t('roleChanged', { name: account.name }));
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="sm" wrap="nowrap">
          <Avatar radius="xl" size={36} color="leaf" visibleFrom="xs">
            {initials(account.name)}
          </Avatar>
          <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
            <Text fw={550} size="sm">
              {account.name}
            </Text>
            <Text size="xs" c="dimmed">
              {account.email}
            </Text>
            {account.status !== 'active' && (
              <Badge variant="light" color="gray" size="sm" hiddenFrom="sm">
                {t(account.status)}
              </Badge>
            )}
          </div>
        </Group>
      </Table.Td>
      <Table.Td>
        <Select
          size="xs"
          aria-label={t('roleOf', { name: account.name })}
          disabled={me || busy || account.service}
          allowDeselect={false}
          data={(['admin', 'teacher', 'student'] as const).map((value) => ({
            value,
            label: t(`role.${value}`, { ns: 'common' }),
          }))}
          value={account.role}
          onChange={(role) => role && setRole(role as Role)}
        />
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Badge variant="light" color={account.status === 'active' ? 'leaf' : 'gray'}>
          {t(account.status)}
        </Badge>
      </Table.Td>
      <Table.Td>{!me && <AccountMenu account={account} />}</Table.Td>
    </Table.Tr>
  );
}

function AccountMenu({ account }: { account: Account }) {
  const { t } = useTranslation('people');
  const [change] = useChangeAccountMutation();
  const [temporary] = useTemporaryPasswordMutation();
  const [endSessions] = useEndSessionsOfMutation();
  const { run } = useAction();
  const active = account.status === 'active';
  const setStatus = (status: 'active' | 'deactivated') =>
    void run(() => change({ id: account.id, change: { status } }).unwrap());
  const deactivate = () =>
    ask({
      title: t('deactivateTitle', { name: account.name }),
      text: t('deactivateText'),
      action: t('deactivate'),
      onYes: () => setStatus('deactivated'),
    });
  const password = () =>
    void run(async () => {
      const { temporary_password } = await temporary(account.id).unwrap();
      modals.open({
        title: t('temporaryTitle', { name: account.name }),
        children: (
          <Text size="sm">
            {t('temporaryText')} <Code fz="lg">{temporary_password}</Code>
          </Text>
        ),
      });
    });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={t('actionsFor', { name: account.name })}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {account.managed && <Menu.Item onClick={password}>{t('temporary')}</Menu.Item>}
        <Menu.Item
          onClick={() => void run(() => endSessions(account.id).unwrap(), t('signedOut', { name: account.name }))}
        >
          {t('signOutEverywhere')}
        </Menu.Item>
        {active ? (
          <Menu.Item color="red" onClick={deactivate}>
            {t('deactivate')}
          </Menu.Item>
        ) : (
          <Menu.Item onClick={() => setStatus('active')}>{t('activate')}</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
