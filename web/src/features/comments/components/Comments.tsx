import { Button, Card, Group, Stack, Text, Textarea, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { selectPerson } from '@/features/session/store';
import { ask } from '@/shared/components/ask';
import { MoreButton } from '@/shared/components/MoreButton';
import { Resource } from '@/shared/components/Resource';
import { fullDateTime } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useKept } from '@/shared/hooks/useKept';
import { useAppSelector } from '@/shared/store';
import {
  useChangeCommentMutation,
  useCommentsInfiniteQuery,
  useDeleteCommentMutation,
  useSayMutation,
  type Comment,
  type Talk,
} from '../api';

interface Props extends Talk {
  /** Teachers may delete what others said. */
  teaches: boolean;
}

/** What was said, oldest first, and a field to say more. */
export function Comments({ assignmentId, studentId, teaches }: Props) {
  const { t } = useTranslation('comments');
  const query = useCommentsInfiniteQuery({ assignmentId, studentId });
  return (
    <Card>
      <Title order={2}>{t(studentId ? 'private' : 'everybody')}</Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t(!studentId ? 'everybodyText' : teaches ? 'privateText' : 'ownText')}
      </Text>
      <Stack>
        <Resource query={query}>
          {({ pages }) =>
            pages
              .flatMap((page) => page.items)
              .map((comment) => <Said key={comment.id} comment={comment} teaches={teaches} />)
          }
        </Resource>
        <MoreButton query={query} />
        <Say assignmentId={assignmentId} studentId={studentId} />
      </Stack>
    </Card>
  );
}

function Say({ assignmentId, studentId }: Talk) {
  const { t } = useTranslation('comments');
  const [body, setBody, forget] = useKept(`comment.${assignmentId}.${studentId ?? 'all'}`, '');
  const [say] = useSayMutation();
  const { run, busy } = useAction();
  const send = async () => {
    await say({ assignmentId, studentId, body }).unwrap();
    forget();
  };
  return (
    <Stack gap="xs">
      <Field label={t('say')} value={body} onChange={setBody} disabled={busy} />
      <Button size="sm" w="fit-content" loading={busy} disabled={!body.trim()} onClick={() => void run(send)}>
        {t('send')}
      </Button>
    </Stack>
  );
}

interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  disabled: boolean;
}

function Field({ label, value, onChange, disabled }: FieldProps) {
  return (
    <Textarea
      aria-label={label}
      placeholder={label}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      disabled={disabled}
      maxLength={20_000}
      autosize
      maxRows={12}
    />
  );
}

function Said({ comment, teaches }: { comment: Comment; teaches: boolean }) {
  const { t } = useTranslation('comments');
  const [editing, setEditing] = useState(false);
  const own = useAppSelector(selectPerson)?.account_id === comment.author_id;
  const [remove] = useDeleteCommentMutation();
  const { run, busy } = useAction();
  const onDelete = () =>
    ask({
      title: t('deleteTitle'),
      text: comment.body.slice(0, 200),
      action: t('delete', { ns: 'common' }),
      onYes: () => void run(() => remove(comment.id).unwrap()),
    });
  return (
    <div>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {comment.author_name}
        </Text>
        <Text size="xs" c="dimmed">
          {fullDateTime(comment.created_at)}
          {comment.edited_at && ` · ${t('edited')}`}
        </Text>
        {own && (
          <Button size="compact-xs" variant="subtle" onClick={() => setEditing(!editing)}>
            {t(editing ? 'cancel' : 'edit', { ns: 'common' })}
          </Button>
        )}
        {(own || teaches) && (
          <Button size="compact-xs" variant="subtle" color="red" disabled={busy} onClick={onDelete}>
            {t('delete', { ns: 'common' })}
          </Button>
        )}
      </Group>
      {editing ? (
        <Edit comment={comment} onDone={() => setEditing(false)} />
      ) : (
        <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{comment.body}</Text>
      )}
    </div>
  );
}

function Edit({ comment: { id, body: before }, onDone }: { comment: Comment; onDone: () => void }) {
  const { t } = useTranslation('comments');
  const [body, setBody] = useState(before);
  const [change] = useChangeCommentMutation();
  const { run, busy } = useAction();
  const save = async () => {
    await change({ id, body }).unwrap();
    onDone();
  };
  return (
    <Stack gap="xs">
      <Field label={t('change')} value={body} onChange={setBody} disabled={busy} />
      <Button size="sm" w="fit-content" loading={busy} disabled={!body.trim()} onClick={() => void run(save)}>
        {t('save', { ns: 'common' })}
      </Button>
    </Stack>
  );
}
