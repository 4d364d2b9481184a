import { ActionIcon, Badge, Button, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconCrown, IconUserMinus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { load, selectIsTeacherOf, selectPerson } from '@/features/session/store';
import type { ClassroomSchemas } from '@/shared/api/schemas';
import { ask } from '@/shared/components/ask';
import { Empty } from '@/shared/components/Empty';
import { Initials } from '@/shared/components/Initials';
import { Resource } from '@/shared/components/Resource';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { useRemoveMemberMutation, useStudentsInfiniteQuery, useTeachersInfiniteQuery } from '../api';
import { useHandOverMutation } from '../invitations';
import { selectClassroom } from '../store';
import { InviteStudents } from './InviteStudents';

type Member = ClassroomSchemas['Member'];

/** Who teaches here and who learns here. */
export function ClassroomPeople() {
  const { t } = useTranslation('classrooms');
  const { classroomId = '' } = useParams();
  const teaches = useAppSelector(selectIsTeacherOf(classroomId));
  const classroom = useAppSelector(selectClassroom(classroomId));
  return (
    <Stack gap="xl">
      <Stack gap="sm">
        <Title order={2}>{t('people.teachers')}</Title>
        {teaches ? (
          <Teachers classroomId={classroomId} />
        ) : (
          <Cards>
            {classroom?.teachers.map((one) => (
              <PersonCard key={one.account_id} member={{ ...one, status: 'active' }} />
            ))}
          </Cards>
        )}
      </Stack>
      {teaches && (
        <Stack gap="sm">
          <Title order={2}>{t('people.students')}</Title>
          <InviteStudents classroomId={classroomId} />
          <Students classroomId={classroomId} />
        </Stack>
      )}
    </Stack>
  );
}

const Cards = ({ children }: { children: React.ReactNode }) => (
  <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
    {children}
  </SimpleGrid>
);

function Teachers({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('classrooms');
  const me = useAppSelector(selectPerson)?.account_id;
  const owner = useAppSelector(selectClassroom(classroomId))?.teachers.find((one) => one.owner)?.account_id;
  const query = useTeachersInfiniteQuery(classroomId);
  return (
    <Resource query={query}>
      {({ pages }) => (
        <Cards>
          {pages.flatMap((page) =>
            page.items.map((one) => (
              <PersonCard
                key={one.account_id}
                member={one}
                action={
                  one.account_id === owner ? (
                    <Badge variant="light">{t('owner.badge')}</Badge>
                  ) : (
                    <Group gap={2} wrap="nowrap">
                      {owner === me && <HandOver member={one} classroomId={classroomId} />}
                      {one.account_id !== me && <Remove member={one} classroomId={classroomId} kind="teachers" />}
                    </Group>
                  )
                }
              />
            )),
          )}
        </Cards>
      )}
    </Resource>
  );
}

function Students({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('classrooms');
  const query = useStudentsInfiniteQuery(classroomId);
  return (
    <Resource query={query}>
      {({ pages }) => {
        const all = pages.flatMap((page) => page.items);
        if (all.length === 0) return <Empty title={t('people.none')} />;
        return (
          <Stack>
            <Cards>
              {all.map((one) => (
                <PersonCard
                  key={one.account_id}
                  member={one}
                  to={`/classrooms/${classroomId}/students/${one.account_id}`}
                  action={<Remove member={one} classroomId={classroomId} kind="students" />}
                />
              ))}
            </Cards>
            {query.hasNextPage && (
              <Button
                variant="default"
                w="fit-content"
                loading={query.isFetchingNextPage}
                onClick={() => void query.fetchNextPage()}
              >
                {t('people.more')}
              </Button>
            )}
          </Stack>
        );
      }}
    </Resource>
  );
}

function PersonCard({ member, to, action }: { member: Member; to?: string; action?: React.ReactNode }) {
  const { t } = useTranslation('classrooms');
  return (
    <Card p="sm">
      <Group wrap="nowrap" gap="sm">
        <Initials name={member.name} size={38} />
        <div style={{ flex: 1, minWidth: 0 }}>
          {to ? (
            <Text component={Link} to={to} fw={550} lineClamp={1} c="inherit">
              {member.name}
            </Text>
          ) : (
            <Text fw={550} lineClamp={1}>
              {member.name}
            </Text>
          )}
          <Text size="sm" c="dimmed" truncate>
            {member.email}
          </Text>
        </div>
        {member.status !== 'active' && (
          <Badge variant="light" color="gray">
            {t('people.deactivated')}
          </Badge>
        )}
        {action}
      </Group>
    </Card>
  );
}

/** The owner makes another teacher the owner. */
function HandOver({ member, classroomId }: { member: Member; classroomId: string }) {
  const { t } = useTranslation('classrooms');
  const dispatch = useAppDispatch();
  const [handOver] = useHandOverMutation();
  const { run, busy } = useAction();
  const title = t('owner.handOver', { name: member.name });
  const doIt = () =>
    void run(
      async () => {
        await handOver({ classroom_id: classroomId, account_id: member.account_id }).unwrap();
        await dispatch(load()).unwrap();
      },
      t('owner.done', { name: member.name }),
    );
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      loading={busy}
      aria-label={title}
      title={title}
      onClick={() => ask({ title, text: t('owner.text'), action: t('owner.action'), onYes: doIt })}
    >
      <IconCrown size={18} aria-hidden />
    </ActionIcon>
  );
}

function Remove({ member, classroomId, kind }: { member: Member; classroomId: string; kind: 'students' | 'teachers' }) {
  const { t } = useTranslation('classrooms');
  const [remove] = useRemoveMemberMutation();
  const { run, busy } = useAction();
  const doIt = () =>
    void run(
      () => remove({ classroom_id: classroomId, account_id: member.account_id, kind }).unwrap(),
      t('people.removed'),
    );
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      loading={busy}
      aria-label={t('people.remove', { name: member.name })}
      onClick={() =>
        ask({
          title: t('people.removeTitle', { name: member.name }),
          text: t('people.removeText'),
          action: t('people.remove', { name: member.name }),
          onYes: doIt,
        })
      }
    >
      <IconUserMinus size={18} aria-hidden />
    </ActionIcon>
  );
}
