import { Button, Card, Group, Table, Text, TextInput } from '@mantine/core';
import { DatePickerInput } from '@mantine/dates';
import '@mantine/dates/styles.layer.css';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDownload, IconHistory, IconSearch } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { download } from '@/shared/api/client';
import { Empty } from '@/shared/components/Empty';
import { MoreButton } from '@/shared/components/MoreButton';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { fromWallClock, fullDateTime } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useAuditLogInfiniteQuery, type AuditFilter } from '../api';

const TYPING_MS = 300;

const filterOf = (action: string, [from, to]: [string | null, string | null]): AuditFilter => ({
  ...(action && { action }),
  ...(from && { since: fromWallClock(`${from} 00:00:00`)! }),
  ...(to && { until: fromWallClock(`${to} 23:59:59`)! }),
});

/** Who did what to whom, when, from where. */
export function AuditLog() {
  const { t } = useTranslation('school');
  const [action, setAction] = useState('');
  const [days, setDays] = useState<[string | null, string | null]>([null, null]);
  const [settled] = useDebouncedValue(action.trim(), TYPING_MS);
  const filter = filterOf(settled, days);
  const query = useAuditLogInfiniteQuery(filter);
  const { run, busy } = useAction();
  const address = `/api/auth/audit-log.csv?${new URLSearchParams({ ...filter }).toString()}`;
  return (
    <Page
      title={t('audit')}
      subtitle={t('auditText')}
      actions={
        <Button
          variant="default"
          loading={busy}
          leftSection={<IconDownload size={18} aria-hidden />}
          onClick={() => void run(() => download(address, 'audit-log.csv'))}
        >
          {t('export')}
        </Button>
      }
    >
      <Group>
        <TextInput
          aria-label={t('action')}
          placeholder={t('actionHint')}
          leftSection={<IconSearch size={18} aria-hidden />}
          w={300}
          maw="100%"
          value={action}
          onChange={(event) => setAction(event.currentTarget.value)}
        />
        <DatePickerInput
          type="range"
          aria-label={t('days')}
          placeholder={t('days')}
          miw={240}
          clearable
          nextLabel={t('calendar.next', { ns: 'common' })}
          previousLabel={t('calendar.previous', { ns: 'common' })}
          clearButtonProps={{ 'aria-label': t('anyDay') }}
          value={days}
          onChange={setDays}
        />
      </Group>
      <Card p={0}>
        <Resource query={query}>
          {({ pages }) => {
            const all = pages.flatMap((page) => page.items);
            if (all.length === 0) return <Empty title={t('noEntries')} icon={IconHistory} />;
            return (
              <>
                <Table.ScrollContainer minWidth={320}>
                  <Table verticalSpacing="xs" horizontalSpacing="md" striped>
                    <Table.Thead>
                      <Table.Tr>
                        <Table.Th>{t('when')}</Table.Th>
                        <Table.Th>{t('who')}</Table.Th>
                        <Table.Th>{t('action')}</Table.Th>
                        <Table.Th visibleFrom="sm">{t('whom')}</Table.Th>
                        <Table.Th visibleFrom="md">{t('where')}</Table.Th>
                      </Table.Tr>
                    </Table.Thead>
                    <Table.Tbody>
                      {all.map((entry) => (
                        <Table.Tr key={entry.id}>
                          <Table.Td>{fullDateTime(entry.at)}</Table.Td>
                          <Table.Td>{entry.actor_name ?? t('system')}</Table.Td>
                          <Table.Td>
                            {t(`actions.${entry.action.replace('.', '-')}`, { defaultValue: entry.action })}
                            <Text size="xs" c="dimmed" ff="monospace">
                              {entry.action}
                            </Text>
                            <Text size="sm" hiddenFrom="sm">
                              {entry.subject_name}
                            </Text>
                          </Table.Td>
                          <Table.Td visibleFrom="sm">{entry.subject_name}</Table.Td>
                          <Table.Td visibleFrom="md">
                            <Text size="sm">{entry.ip}</Text>
                          </Table.Td>
                        </Table.Tr>
                      ))}
                    </Table.Tbody>
                  </Table>
                </Table.ScrollContainer>
                <MoreButton query={query} />
              </>
            );
          }}
        </Resource>
      </Card>
    </Page>
  );
}
