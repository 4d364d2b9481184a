import { Badge, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useRostersQuery, type Roster, type RosterOf } from '@/features/people/api';
import { Resource } from '@/shared/components/Resource';
import { fullDateTime } from '@/shared/format';
import { Section } from './Section';

const SHOWN = 5;
const COLOURS = { done: 'leaf', failed: 'red', validating: 'yellow', waiting: 'yellow', applying: 'yellow' };

/** The last imports of rosters, and how they ended. */
export function Imports() {
  const { t } = useTranslation('home');
  const query = useRostersQuery();
  return (
    <Section title={t('admin.imports')} whole={[t('admin.import'), '/people/import']}>
      <Resource query={query}>
        {(lists) => {
          const all = (['auth', 'classroom'] as const)
            .flatMap((of) => lists[of].map((roster) => ({ of, roster })))
            .sort((one, other) => other.roster.created_at.localeCompare(one.roster.created_at))
            .slice(0, SHOWN);
          if (all.length === 0) return <Text c="dimmed">{t('admin.noImports')}</Text>;
          return (
            <Stack gap="sm">
              {all.map((one) => (
                <Line key={one.roster.id} {...one} />
              ))}
            </Stack>
          );
        }}
      </Resource>
    </Section>
  );
}

function Line({ of, roster }: { of: RosterOf; roster: Roster }) {
  const { t } = useTranslation('home');
  return (
    <Group wrap="nowrap" gap="sm">
      <div style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm" fw={550}>
          {t(`part.${of}`, { ns: 'people' })}
        </Text>
        <Text size="sm" c="dimmed">
          {[roster.dry_run && t('admin.rehearsal'), fullDateTime(roster.created_at)].filter(Boolean).join(' · ')}
        </Text>
      </div>
      <Badge variant="light" color={COLOURS[roster.status]} autoContrast>
        {t(`admin.import_${roster.status}`)}
      </Badge>
    </Group>
  );
}
