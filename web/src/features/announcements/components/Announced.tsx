import { ActionIcon, Box, Button, Group, Menu, Stack, Text, Textarea } from '@mantine/core';
import { IconDots, IconPencil, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { selectPerson } from '@/features/session/store';
import { ask } from '@/shared/components/ask';
import { Failure } from '@/shared/components/Failure';
import { Initials } from '@/shared/components/Initials';
import { Prose } from '@/shared/components/Prose';
import { fromNow, fullDateTime } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { changeAnnouncement, deleteAnnouncement, type Announcement } from '../store';

interface Props {
  classroomId: string;
  announcement: Announcement;
  teaches: boolean;
}

/** One announcement; its author may change it, and every teacher of the classroom may take it away. */
export function Announced({ classroomId, announcement, teaches }: Props) {
  const { t } = useTranslation('announcements');
  const me = useAppSelector(selectPerson)?.account_id;
  const dispatch = useAppDispatch();
  const { run } = useAction();
  const [editing, setEditing] = useState(false);
  const { author_name, created_at, edited_at } = announcement;
  const remove = () =>
    ask({
      title: t('deleteTitle'),
      text: t('deleteText'),
      action: t('delete', { ns: 'common' }),
      onYes: () => void run(() => dispatch(deleteAnnouncement({ classroomId, announcement })).unwrap()),
    });
  return (
    <Group component="article" align="flex-start" wrap="nowrap" gap="sm">
      <Initials name={author_name} size={36} />
      <Box flex={1} miw={0}>
        <Group justify="space-between" wrap="nowrap" mb={2}>
          <Text size="sm" fw={600} truncate>
            {author_name}{' '}
            <Text span size="xs" c="dimmed" fw={400} title={fullDateTime(created_at)}>
              {fromNow(created_at)}
              {edited_at && ` · ${t('edited', { when: fromNow(edited_at) })}`}
            </Text>
          </Text>
          {teaches && !editing && (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="subtle" color="gray" aria-label={t('actions', { name: author_name })}>
                  <IconDots size={18} aria-hidden />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                {announcement.author_id === me && (
                  <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setEditing(true)}>
                    {t('edit', { ns: 'common' })}
                  </Menu.Item>
                )}
                <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={remove}>
                  {t('delete', { ns: 'common' })}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
        {editing ? (
          <Edit classroomId={classroomId} announcement={announcement} onDone={() => setEditing(false)} />
        ) : (
          <Prose text={announcement.body} />
        )}
      </Box>
    </Group>
  );
}

function Edit({ classroomId, announcement, onDone }: Omit<Props, 'teaches'> & { onDone: () => void }) {
  const { t } = useTranslation('announcements');
  const dispatch = useAppDispatch();
  const [body, setBody] = useState(announcement.body);
  const { run, busy, problem } = useAction({ quiet: true });
  async function save() {
    const change = { classroomId, announcement, body: body.trim() };
    if (await run(() => dispatch(changeAnnouncement(change)).unwrap(), t('saved', { ns: 'common' }))) onDone();
  }
  return (
    <Stack gap="xs">
      <Textarea
        aria-label={t('body')}
        autosize
        minRows={3}
        maxRows={16}
        autoFocus
        value={body}
        onChange={(event) => setBody(event.currentTarget.value)}
      />
      <Failure problem={problem} />
      <Group gap="xs">
        <Button size="sm" loading={busy} disabled={!body.trim()} onClick={() => void save()}>
          {t('save', { ns: 'common' })}
        </Button>
        <Button size="sm" variant="default" onClick={onDone}>
          {t('cancel', { ns: 'common' })}
        </Button>
      </Group>
    </Stack>
  );
}
