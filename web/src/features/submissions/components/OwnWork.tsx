import { Alert, Badge, Button, Card, Group, Stack, Text, Textarea, Title } from '@mantine/core';
import { IconArrowBackUp, IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Assignment } from '@/features/assignments/store';
import { UploadList } from '@/features/uploads/components/UploadList';
import { forget as forgetFile } from '@/features/uploads/useUploads';
import { Resource } from '@/shared/components/Resource';
import { fullDateTime, isPast } from '@/shared/format';
import { problemOf } from '@/shared/api/problem';
import { useAction } from '@/shared/hooks/useAction';
import { useKept } from '@/shared/hooks/useKept';
import { useAppDispatch } from '@/shared/store';
import {
  refreshWork,
  useOwnWorkQuery,
  useReclaimMutation,
  useTurnInMutation,
  useWriteWorkMutation,
  type Work,
} from '../api';
import { add, changed, overtaken, saved, takeOff, type Unsaved } from '../writing';
import { Content, Versions } from './Content';
import { Late } from './Late';

/** A student's own work: written, turned in, taken back. */
export function OwnWork({ assignment }: { assignment: Assignment }) {
  const { t } = useTranslation('submissions');
  const query = useOwnWorkQuery(assignment.id);
  return (
    <Card>
      <Group justify="space-between" mb="sm">
        <Title order={2}>{t('yourWork')}</Title>
        {query.data && <Standing work={query.data} />}
      </Group>
      <Resource query={query}>
        {(work) => (
          <Stack>
            {work?.status === 'turned_in' ? (
              <TurnedIn assignment={assignment} work={work} />
            ) : (
              <Writing key={assignment.id} assignment={assignment} work={work} />
            )}
            {work && work.turn_ins.length > 0 && (
              <div>
                <Title order={3} mb="xs">
                  {t('versions')}
                </Title>
                <Versions turnIns={work.turn_ins} />
              </div>
            )}
          </Stack>
        )}
      </Resource>
    </Card>
  );
}

function Standing({ work }: { work: Work }) {
  const { t } = useTranslation('submissions');
  return (
    <Group gap="xs">
      <Badge variant={work.status === 'turned_in' ? 'light' : 'outline'}>{t(`status.${work.status}`)}</Badge>
      <Late seconds={work.late_seconds} />
    </Group>
  );
}

function TurnedIn({ assignment, work }: { assignment: Assignment; work: Work }) {
  const { t } = useTranslation('submissions');
  const [reclaim] = useReclaimMutation();
  const { run, busy } = useAction();
  const closed = !mayTurnInAgain(assignment, work);
  return (
    <Stack>
      <Content body={work.body} files={work.files} />
      <Group>
        <Button
          variant="default"
          loading={busy}
          disabled={closed}
          leftSection={<IconArrowBackUp size={18} aria-hidden />}
          onClick={() => void run(() => reclaim(assignment.id).unwrap(), t('reclaimed'))}
        >
          {t('reclaim')}
        </Button>
        <Text size="sm" c="dimmed">
          {closed ? t('final') : work.turned_in_at && t('turnedInAt', { at: fullDateTime(work.turned_in_at) })}
        </Text>
      </Group>
    </Stack>
  );
}

const isClosed = ({ accepts_late, due_at }: Assignment) => !accepts_late && due_at !== null && isPast(due_at);
const mayTurnInAgain = (assignment: Assignment, work: Work) =>
  !isClosed(assignment) && (assignment.turn_in_limit === null || work.number < assignment.turn_in_limit);

interface WritingProps {
  assignment: Assignment;
  work: Work | null;
}

function Writing({ assignment, work }: WritingProps) {
  const { t } = useTranslation('submissions');
  const dispatch = useAppDispatch();
  const [kept, setKept, forget] = useKept<Unsaved | null>(`work.${assignment.id}`, null);
  const [write] = useWriteWorkMutation();
  const [turnIn] = useTurnInMutation();
  const { run, busy } = useAction();
  const [underway, setUnderway] = useState(false);
  const now = kept ?? saved(work);
  const change = (how: (before: Unsaved) => Partial<Unsaved>) => setKept((before) => changed(before, work, how));

  async function save() {
    const fileIds = now.files.map((file) => file.file_id);
    try {
      await write({ assignmentId: assignment.id, body: now.body, fileIds, revision: now.revision }).unwrap();
      forget();
    } catch (error) {
      // Saved or turned in elsewhere: what stands there now is shown beside what was typed here.
      if ([409, 412].includes(problemOf(error).status)) dispatch(refreshWork());
      throw error;
    }
  }

  async function handIn() {
    if (kept || !work) await save();
    await turnIn(assignment.id).unwrap();
  }

  if (overtaken(kept, work)) {
    return (
      <Overtaken
        work={work}
        onMine={() => setKept({ ...now, revision: saved(work).revision })}
        onTheirs={forget}
        body={now.body}
      />
    );
  }
  const closed = isClosed(assignment);
  const nothing = !now.body.trim() && now.files.length === 0;
  return (
    <Stack>
      {closed && <Alert color="orange">{t('closed')}</Alert>}
      <Textarea
        label={t('text')}
        value={now.body}
        onChange={(event) => {
          const body = event.currentTarget.value;
          change(() => ({ body }));
        }}
        autosize
        minRows={5}
        maxRows={24}
        maxLength={20_000}
        disabled={busy}
      />
      <UploadList
        files={now.files}
        disabled={busy}
        onUnderway={setUnderway}
        onAdd={(file) => change(add(file))}
        onRemove={({ file_id }) => {
          change(takeOff(file_id));
          if (!work?.files.some((one) => one.file_id === file_id)) void forgetFile(file_id);
        }}
      />
      <Group>
        <Button
          loading={busy}
          disabled={nothing || closed || underway}
          leftSection={<IconSend size={18} aria-hidden />}
          onClick={() => void run(handIn, t('turnedIn'))}
        >
          {t('turnIn')}
        </Button>
        <Button variant="default" disabled={busy || !kept} onClick={() => void run(save, t('draftSaved'))}>
          {t('saveDraft')}
        </Button>
        <Text size="sm" c="dimmed" role="status">
          {underway ? t('underway') : kept ? t('notSaved') : work && t('safe')}
        </Text>
      </Group>
    </Stack>
  );
}

interface OvertakenProps {
  work: Work | null;
  body: string;
  onMine: () => void;
  onTheirs: () => void;
}

function Overtaken({ work, body, onMine, onTheirs }: OvertakenProps) {
  const { t } = useTranslation('submissions');
  return (
    <Alert color="orange" title={t('overtaken.title')}>
      <Stack>
        <Text size="sm">{t('overtaken.text')}</Text>
        <Textarea label={t('overtaken.mine')} value={body} readOnly autosize maxRows={8} />
        <Textarea label={t('overtaken.theirs')} value={work?.body ?? ''} readOnly autosize maxRows={8} />
        <Group>
          <Button onClick={onMine}>{t('overtaken.keepMine')}</Button>
          <Button variant="default" onClick={onTheirs}>
            {t('overtaken.keepTheirs')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
