import { Button, Group, Stack, Switch, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Resource } from '@/shared/components/Resource';
import { useAction } from '@/shared/hooks/useAction';
import { useAttendanceQuery, useSetAttendanceMutation, useStatisticsQuery, type Lecture } from '../api';

/** Who was there and how lively it was; a teacher's word about attendance stands above the clock's. */
export function Summary({ lecture }: { lecture: Lecture }) {
  const { t } = useTranslation('lecture');
  const [shown, setShown] = useState(false);
  if (!shown)
    return (
      <Button variant="subtle" mt="xs" px={0} w="fit-content" onClick={() => setShown(true)}>
        {t('attendance.show')}
      </Button>
    );
  return (
    <Stack mt="sm">
      <Figures lectureId={lecture.lecture_id} />
      <Attendance lectureId={lecture.lecture_id} />
    </Stack>
  );
}

function Figures({ lectureId }: { lectureId: string }) {
  const { t } = useTranslation('lecture');
  const { data } = useStatisticsQuery(lectureId);
  if (!data) return null;
  return (
    <Group gap="xl">
      {(['students', 'authors', 'messages', 'polls', 'votes', 'reactions'] as const).map((figure) => (
        <div key={figure}>
          <Text size="xs" c="dimmed">
            {t(`figures.${figure}`)}
          </Text>
          <Text fw={700} fz="lg">
            {data[figure]}
          </Text>
        </div>
      ))}
    </Group>
  );
}

function Attendance({ lectureId }: { lectureId: string }) {
  const { t } = useTranslation('lecture');
  const query = useAttendanceQuery(lectureId);
  const [set] = useSetAttendanceMutation();
  const { run } = useAction();
  return (
    <Resource query={query}>
      {(rows) => (
        <Table.ScrollContainer minWidth={420}>
          <Table fz="sm">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('attendance.student')}</Table.Th>
                <Table.Th>{t('attendance.time')}</Table.Th>
                <Table.Th>{t('attendance.messages')}</Table.Th>
                <Table.Th>{t('attendance.present')}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.student_id}>
                  <Table.Td>{row.name}</Table.Td>
                  <Table.Td>{t('minutes', { count: Math.round(row.seconds / 60) })}</Table.Td>
                  <Table.Td>{row.messages}</Table.Td>
                  <Table.Td>
                    <Switch
                      aria-label={`${row.name}, ${t('attendance.present')}`}
                      checked={row.present}
                      onChange={(event) => {
                        const present = event.currentTarget.checked;
                        void run(() => set({ lectureId, studentId: row.student_id, present }).unwrap());
                      }}
                    />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Resource>
  );
}
