import { ActionIcon, Button, Card, Group, NumberInput, Select, Stack, Table, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useStudentsInfiniteQuery } from '@/features/classrooms/api';
import { Failure } from '@/shared/components/Failure';
import { MoreButton } from '@/shared/components/MoreButton';
import { Resource } from '@/shared/components/Resource';
import { decimal } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useExtraTimesQuery, useGiveExtraTimeMutation } from './api';

const MINUTE = 60;

/** Who has more time than the others, in attempts that start from now on. */
export function ExtraTimes({ assignmentId, classroomId }: { assignmentId: string; classroomId: string }) {
  const { t } = useTranslation('quiz');
  const query = useExtraTimesQuery(assignmentId);
  const [give] = useGiveExtraTimeMutation();
  const { run } = useAction();
  const takeBack = (studentId: string) =>
    run(() => give({ id: assignmentId, studentId, seconds: null }).unwrap(), t('extra.takenBack'));
  return (
    <Card>
      <Stack>
        <Text size="sm" c="dimmed">
          {t('extra.text')}
        </Text>
        <Giving assignmentId={assignmentId} classroomId={classroomId} />
        <Resource query={query}>
          {(given) => (
            <Table>
              <Table.Tbody>
                {given.map((one) => (
                  <Table.Tr key={one.student_id}>
                    <Table.Td>{one.name}</Table.Td>
                    <Table.Td>{t('extra.has', { minutes: decimal(one.seconds / MINUTE) })}</Table.Td>
                    <Table.Td ta="right">
                      <ActionIcon
                        variant="subtle"
                        color="red"
                        aria-label={t('extra.takeBack', { name: one.name })}
                        onClick={() => void takeBack(one.student_id)}
                      >
                        <IconTrash size={16} aria-hidden />
                      </ActionIcon>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          )}
        </Resource>
      </Stack>
    </Card>
  );
}

function Giving({ assignmentId, classroomId }: { assignmentId: string; classroomId: string }) {
  const { t } = useTranslation('quiz');
  const query = useStudentsInfiniteQuery(classroomId);
  const students = query.data?.pages.flatMap((page) => page.items) ?? [];
  const [studentId, setStudentId] = useState<string | null>(null);
  const [minutes, setMinutes] = useState<string | number>(15);
  const [give] = useGiveExtraTimeMutation();
  const { run, busy, problem } = useAction({ quiet: true });
  const seconds = Math.round(Number(minutes) * MINUTE);
  const save = () => run(() => give({ id: assignmentId, studentId: studentId!, seconds }).unwrap(), t('extra.given'));
  return (
    <>
      <Group align="flex-end">
        <Select
          searchable
          label={t('extra.student')}
          data={students.map((one) => ({ value: one.account_id, label: one.name }))}
          value={studentId}
          onChange={setStudentId}
          flex={1}
        />
        <NumberInput label={t('console.minutes')} min={1} w={120} value={minutes} onChange={setMinutes} />
        <Button loading={busy} disabled={!studentId || !seconds} onClick={() => void save()}>
          {t('extra.give')}
        </Button>
      </Group>
      <MoreButton query={query} />
      <Failure problem={problem} />
    </>
  );
}
