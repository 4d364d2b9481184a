import { Alert, Button, Card, Group, List, Stack, Text, Textarea, Title } from '@mantine/core';
import { IconMail } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MoreButton } from '@/shared/components/MoreButton';
import { Resource } from '@/shared/components/Resource';
import { fromNow } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useKept } from '@/shared/hooks/useKept';
import {
  addressesIn,
  useInvitedInfiniteQuery,
  useInviteStudentsMutation,
  useWithdrawInvitationMutation,
  type Invitation,
  type Invited,
} from '../invitations';

/** Students by e-mail: who has an account is in at once, anybody else gets a letter. */
export function InviteStudents({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('classrooms');
  const [text, setText, forget] = useKept(`invite.${classroomId}`, '');
  const [invite] = useInviteStudentsMutation();
  const [outcome, setOutcome] = useState<Invited | null>(null);
  const { run, busy } = useAction();
  const emails = addressesIn(text);
  const send = () =>
    run(async () => {
      const invited = await invite({ classroomId, emails }).unwrap();
      setOutcome(invited);
      if (invited.refused.length === 0) forget();
      else setText(invited.refused.map((one) => one.email).join('\n'));
    });
  return (
    <Card>
      <Title order={2} fz="lg">
        {t('invite.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('invite.text')}
      </Text>
      <Stack gap="sm">
        <Textarea
          label={t('invite.addresses')}
          autosize
          minRows={2}
          maxRows={10}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button
          w="fit-content"
          loading={busy}
          disabled={emails.length === 0}
          leftSection={<IconMail size={18} aria-hidden />}
          onClick={() => void send()}
        >
          {t('invite.send', { count: Math.max(1, emails.length) })}
        </Button>
        {outcome && <Outcome outcome={outcome} />}
        <Pending classroomId={classroomId} />
      </Stack>
    </Card>
  );
}

function Outcome({ outcome: { enrolled, written, refused } }: { outcome: Invited }) {
  const { t } = useTranslation('classrooms');
  return (
    <Alert color={refused.length > 0 ? 'yellow' : 'leaf'} role="status">
      {enrolled.length > 0 && <Text size="sm">{t('invite.enrolled', { count: enrolled.length })}</Text>}
      {written.length > 0 && <Text size="sm">{t('invite.written', { count: written.length })}</Text>}
      {refused.length > 0 && (
        <List size="sm" mt={4}>
          {refused.map(({ email, problem }) => (
            <List.Item key={email}>
              {email}: {problem.fields['email'] ?? problem.detail}
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}

function Pending({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('classrooms');
  const query = useInvitedInfiniteQuery(classroomId);
  return (
    <Resource query={query} waiting={null}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0) return null;
        return (
          <Stack gap="xs">
            <Title order={3}>{t('invite.pending')}</Title>
            {items.map((one) => (
              <Waiting key={one.id} classroomId={classroomId} invitation={one} />
            ))}
            <MoreButton query={query} />
          </Stack>
        );
      }}
    </Resource>
  );
}

function Waiting({ classroomId, invitation }: { classroomId: string; invitation: Invitation }) {
  const { t } = useTranslation('classrooms');
  const [withdraw] = useWithdrawInvitationMutation();
  const { run, busy } = useAction();
  const path = { classroom_id: classroomId, invitation_id: invitation.id };
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {invitation.email}{' '}
        <Text span size="xs" c="dimmed">
          {fromNow(invitation.invited_at)}
        </Text>
      </Text>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        loading={busy}
        aria-label={t('invite.withdrawNamed', { email: invitation.email })}
        onClick={() => void run(() => withdraw(path).unwrap(), t('invite.withdrawn'))}
      >
        {t('invite.withdraw')}
      </Button>
    </Group>
  );
}
