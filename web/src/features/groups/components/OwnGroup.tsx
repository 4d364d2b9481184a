import { Badge, Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { Initials } from '@/shared/components/Initials';
import { useTranslation } from 'react-i18next';
import type { Assignment } from '@/features/assignments/store';
import { selectGroup } from '@/features/own/store';
import { load } from '@/features/session/store';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { useJoinGroupMutation, useLeaveGroupMutation } from '../api';

/** A student's group for an assignment; where they choose themselves, the groups that have a place left. */
export function OwnGroup({ assignment }: { assignment: Assignment }) {
  const { t } = useTranslation('groups');
  const group = useAppSelector(selectGroup(assignment.id));
  const chooses = assignment.groups?.mode === 'self_sign_up';
  return (
    <Card>
      <Title order={2} mb="sm">
        {t('yours')}
      </Title>
      {group ? (
        <Stack gap="sm">
          <Group justify="space-between">
            <Text fw={600}>{group.name}</Text>
            {chooses && <Leave assignmentId={assignment.id} groupId={group.id} />}
          </Group>
          <Group gap="md">
            {group.students.map((one) => (
              <Group key={one.student_id} gap="xs" wrap="nowrap">
                <Initials name={one.name} size={30} />
                <Text size="sm">{one.name}</Text>
              </Group>
            ))}
          </Group>
        </Stack>
      ) : chooses ? (
        <Choose assignment={assignment} />
      ) : (
        <Text c="dimmed">{t('notYet')}</Text>
      )}
    </Card>
  );
}

function Choose({ assignment: { id, groups } }: { assignment: Assignment }) {
  const { t } = useTranslation('groups');
  const dispatch = useAppDispatch();
  const [join] = useJoinGroupMutation();
  const { run, busy } = useAction();
  const limit = groups?.limit ?? null;
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {t('choose')}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="sm">
        {groups?.groups.map((one) => {
          const full = limit !== null && one.student_count >= limit;
          return (
            <Card key={one.id} p="sm">
              <Group justify="space-between" wrap="nowrap">
                <div>
                  <Text fw={550}>{one.name}</Text>
                  <Badge variant="light" color={full ? 'gray' : 'leaf'}>
                    {limit === null
                      ? t('count', { count: one.student_count })
                      : t('taken', { count: one.student_count, limit })}
                  </Badge>
                </div>
                <Button
                  size="xs"
                  variant="default"
                  disabled={full || busy}
                  aria-label={t('joinNamed', { name: one.name })}
                  onClick={() =>
                    void run(
                      async () => {
                        await join({ assignmentId: id, groupId: one.id }).unwrap();
                        await dispatch(load()).unwrap();
                      },
                      t('joined', { name: one.name }),
                    )
                  }
                >
                  {t('join')}
                </Button>
              </Group>
            </Card>
          );
        })}
      </SimpleGrid>
    </Stack>
  );
}

function Leave({ assignmentId, groupId }: { assignmentId: string; groupId: string }) {
  const { t } = useTranslation('groups');
  const dispatch = useAppDispatch();
  const [leave] = useLeaveGroupMutation();
  const { run, busy } = useAction();
  return (
    <Button
      size="xs"
      variant="subtle"
      color="red"
      loading={busy}
      onClick={() =>
        void run(async () => {
          await leave({ assignmentId, groupId }).unwrap();
          await dispatch(load()).unwrap();
        })
      }
    >
      {t('leave')}
    </Button>
  );
}
