import { Button, Card, Group, Stack, Text, Textarea, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSpeakerphone } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { selectClassroom } from '@/features/classrooms/store';
import { MoreButton } from '@/shared/components/MoreButton';
import { Resource } from '@/shared/components/Resource';
import { useAction } from '@/shared/hooks/useAction';
import { useKept } from '@/shared/hooks/useKept';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { announce, HELD, useAnnouncementsInfiniteQuery, type Announcement } from '../store';
import { Announced } from './Announced';

const SHOWN = 2;
const LONGEST = 20_000;
const none: Announcement[] = [];

interface Props {
  classroomId: string;
  teaches: boolean;
}

/** What the teachers told everybody, newest first; they may tell more. */
export function Announcements({ classroomId, teaches }: Props) {
  const { t } = useTranslation('announcements');
  const held = useAppSelector(selectClassroom(classroomId))?.announcements ?? none;
  const [writing, form] = useDisclosure(false);
  const [all, list] = useDisclosure(false);
  if (held.length === 0 && !teaches) return null;
  return (
    <Card component="section" aria-labelledby="announcements">
      <Group justify="space-between" mb={held.length > 0 || writing ? 'sm' : 0}>
        <Title order={2} fz="lg" id="announcements">
          {t('title')}
        </Title>
        {teaches && !writing && (
          <Button
            size="xs"
            variant="light"
            leftSection={<IconSpeakerphone size={16} aria-hidden />}
            onClick={form.open}
          >
            {t('write')}
          </Button>
        )}
      </Group>
      <Stack gap="md">
        {writing && <Write classroomId={classroomId} onDone={form.close} />}
        {(all ? held : held.slice(0, SHOWN)).map((one) => (
          <Announced key={one.id} announcement={one} classroomId={classroomId} teaches={teaches} />
        ))}
        {held.length > SHOWN && (
          <Button variant="subtle" size="xs" w="fit-content" aria-expanded={all} onClick={list.toggle}>
            {all ? t('fewer') : t('all', { count: held.length })}
          </Button>
        )}
        {all && held.length >= HELD && <Older classroomId={classroomId} held={held} teaches={teaches} />}
      </Stack>
    </Card>
  );
}

function Older({ classroomId, held, teaches }: Props & { held: Announcement[] }) {
  const query = useAnnouncementsInfiniteQuery(classroomId);
  const known = new Set(held.map((one) => one.id));
  return (
    <>
      <Resource query={query}>
        {({ pages }) =>
          pages
            .flatMap((page) => page.items)
            .filter((one) => !known.has(one.id))
            .map((one) => <Announced key={one.id} announcement={one} classroomId={classroomId} teaches={teaches} />)
        }
      </Resource>
      <MoreButton query={query} />
    </>
  );
}

function Write({ classroomId, onDone }: { classroomId: string; onDone: () => void }) {
  const { t } = useTranslation('announcements');
  const dispatch = useAppDispatch();
  const [body, setBody, forget] = useKept(`announcement.${classroomId}`, '');
  const { run, busy, problem } = useAction();
  async function tell() {
    const told = await run(() => dispatch(announce({ classroomId, body: body.trim() })).unwrap(), t('told'));
    if (!told) return;
    forget();
    onDone();
  }
  return (
    <Stack gap="xs">
      <Textarea
        aria-label={t('body')}
        placeholder={t('body')}
        autosize
        minRows={3}
        maxRows={16}
        maxLength={LONGEST}
        autoFocus
        value={body}
        onChange={(event) => setBody(event.currentTarget.value)}
        error={problem?.fields['body']}
      />
      <Group gap="xs">
        <Button size="sm" loading={busy} disabled={!body.trim()} onClick={() => void tell()}>
          {t('tell')}
        </Button>
        <Button size="sm" variant="default" onClick={onDone}>
          {t('cancel', { ns: 'common' })}
        </Button>
        <Text size="xs" c="dimmed">
          {t('markdown')}
        </Text>
      </Group>
    </Stack>
  );
}
