import { Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useLastAuditedQuery } from '@/features/school/api';
import { Initials } from '@/shared/components/Initials';
import { Resource } from '@/shared/components/Resource';
import { fromNow, fullDateTime } from '@/shared/format';
import { Section } from './Section';

const SHOWN = 6;

/** What was done in the school last; that people came and went is in the audit log alone. */
export function Activity() {
  const { t } = useTranslation('home');
  const query = useLastAuditedQuery();
  return (
    <Section title={t('admin.activity')} whole={[t('admin.wholeLog'), '/audit-log']}>
      <Resource query={query}>
        {({ items }) => {
          const shown = items.filter(({ action }) => !action.startsWith('session')).slice(0, SHOWN);
          if (shown.length === 0) return <Text c="dimmed">{t('admin.quiet')}</Text>;
          return (
            <Stack gap="sm">
              {shown.map((entry) => (
                <Group key={entry.id} gap="sm" wrap="nowrap" align="flex-start">
                  <Initials name={entry.actor_name ?? 'Homeroom'} size={30} />
                  <div style={{ flex: 1, minWidth: 0 }}>
                    <Text size="sm" fw={550}>
                      {t(`actions.${entry.action.replace('.', '-')}`, { ns: 'school', defaultValue: entry.action })}
                    </Text>
                    <Text size="sm" c="dimmed" truncate>
                      {[entry.actor_name ?? t('system', { ns: 'school' }), entry.subject_name]
                        .filter((name, place, names) => name && names.indexOf(name) === place)
                        .join(' → ')}
                    </Text>
                  </div>
                  <Text size="xs" c="dimmed" title={fullDateTime(entry.at)} style={{ whiteSpace: 'nowrap' }}>
                    {fromNow(entry.at)}
                  </Text>
                </Group>
              ))}
            </Stack>
          );
        }}
      </Resource>
    </Section>
  );
}
