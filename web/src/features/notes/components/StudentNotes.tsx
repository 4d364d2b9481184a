import { Accordion, Card, Group, Progress, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { MoreButton } from '@/shared/components/MoreButton';
import { Resource } from '@/shared/components/Resource';
import { fullDateTime } from '@/shared/format';
import { useNotesInfiniteQuery } from '../api';

/** What the students of a lecture wrote, and how many of them did. */
export function StudentNotes({ assignmentId }: { assignmentId: string }) {
  const { t } = useTranslation('notes');
  const query = useNotesInfiniteQuery(assignmentId, { refetchOnMountOrArgChange: 10 });
  return (
    <Card>
      <Title order={2} mb="xs">
        {t('students')}
      </Title>
      <Resource query={query}>
        {({ pages }) => {
          const notes = pages.flatMap((page) => page.items);
          const coverage = pages[0]?.coverage;
          return (
            <>
              {coverage && coverage.students > 0 && (
                <Group mb="sm" gap="sm">
                  <Progress
                    flex={1}
                    miw={120}
                    radius="xl"
                    value={(100 * coverage.written) / coverage.students}
                    aria-label={t('coverage', coverage)}
                  />
                  <Text size="sm" c="dimmed">
                    {t('coverage', coverage)}
                  </Text>
                </Group>
              )}
              {notes.length === 0 && <Text c="dimmed">{t('none')}</Text>}
              <Accordion chevronPosition="left">
                {notes.map((note) => (
                  <Accordion.Item key={note.student_id} value={note.student_id}>
                    <Accordion.Control>
                      <Group justify="space-between" wrap="nowrap">
                        <Text fw={550} truncate>
                          {note.name}
                        </Text>
                        <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                          {fullDateTime(note.updated_at)}
                        </Text>
                      </Group>
                    </Accordion.Control>
                    <Accordion.Panel>
                      <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                        {note.body}
                      </Text>
                    </Accordion.Panel>
                  </Accordion.Item>
                ))}
              </Accordion>
              <MoreButton query={query} />
            </>
          );
        }}
      </Resource>
    </Card>
  );
}
