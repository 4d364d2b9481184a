import { Alert, Button, Card, Group, Loader, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconHandStop } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { OwnNote } from '@/features/notes/components/OwnNote';
import { selectRole } from '@/features/session/store';
import { ask } from '@/shared/components/ask';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { useCloseLectureMutation, type Lecture } from '../api';
import { act, enter, leave, raiseHand, readBackTo } from '../connection';
import { selectLecture } from '../store';
import { Conversation } from './Conversation';
import classes from './Lecture.module.css';
import { People } from './People';
import { Polls } from './Polls';

type Panel = 'notes' | 'people' | 'polls';

interface Props {
  lecture: Lecture;
  onOver: () => void;
}

/** The room of an open lecture: the conversation, and beside it one's notes, who is there, raised hands, and polls. */
export function LiveRoom({ lecture, onOver }: Props) {
  const { t } = useTranslation('lecture');
  const dispatch = useAppDispatch();
  const state = useAppSelector(selectLecture);
  const writes = useAppSelector(selectRole) === 'student';
  const [panel, setPanel] = useState<Panel>(writes ? 'notes' : 'people');
  useEffect(() => {
    dispatch(enter(lecture.lecture_id));
    return () => void dispatch(leave());
  }, [dispatch, lecture.lecture_id]);

  if (state.status === 'over') {
    const goOn = () => {
      if (state.end !== 'ended') dispatch(enter(lecture.lecture_id));
      onOver();
    };
    return (
      <Alert role="alert" color={state.end === 'ended' ? 'navy' : 'red'} title={t(`over.${state.end ?? 'closed'}`)}>
        <Stack align="flex-start">
          {state.why && <Text size="sm">{state.why}</Text>}
          <Button variant="default" onClick={goOn}>
            {t(state.end === 'ended' ? 'over.action' : 'over.again')}
          </Button>
        </Stack>
      </Alert>
    );
  }
  return (
    <>
      <Group justify="space-between" mih={36}>
        <Standing />
        {state.you?.role === 'teacher' && <Controls lecture={lecture} onOver={onOver} />}
        {state.you?.role === 'student' && <Hand />}
      </Group>
      <div className={classes.room}>
        <Conversation />
        <Card className={classes.side} padding="md" component="aside" aria-label={t('beside')}>
          <SegmentedControl
            fullWidth
            value={panel}
            onChange={(value) => setPanel(value as Panel)}
            data={[
              ...(writes ? [{ value: 'notes', label: t('notes') }] : []),
              {
                value: 'people',
                label: [
                  t('people', { count: state.presentCount }),
                  ...(state.hands.length > 0 ? [t('hand.count', { count: state.hands.length })] : []),
                ].join(' · '),
              },
              { value: 'polls', label: t('polls') },
            ]}
          />
          {panel === 'notes' && (
            <OwnNote
              classroomId={lecture.classroom_id}
              assignmentId={lecture.assignment_id}
              headSeq={state.headSeq}
              onGo={(seq) => void dispatch(readBackTo(seq)).then(() => showEntry(seq))}
            />
          )}
          {panel === 'people' && <People />}
          {panel === 'polls' && <Polls />}
        </Card>
      </div>
    </>
  );
}

/** Bring an entry of the conversation into view, and to whoever reads by keyboard or ear. */
function showEntry(seq: number): void {
  const entry = document.getElementById(`entry-${seq}`);
  entry?.scrollIntoView({ block: 'center' });
  entry?.focus({ preventScroll: true });
}

/** Whether the connection holds. */
function Standing() {
  const { t } = useTranslation('lecture');
  const { status, pending } = useAppSelector(selectLecture);
  return (
    <Group gap="xs" role="status" aria-live="polite">
      {status === 'live' ? <span className={classes.liveDot} aria-hidden /> : <Loader size={14} aria-hidden />}
      <Text size="sm" c="dimmed">
        {t(`status.${status}`)}
        {pending.length > 0 && status !== 'live' && ` ${t('unsent', { count: pending.length })}`}
      </Text>
    </Group>
  );
}

function Hand() {
  const { t } = useTranslation('lecture');
  const dispatch = useAppDispatch();
  const { you, hands } = useAppSelector(selectLecture);
  const up = hands.some((hand) => hand.account_id === you?.account_id);
  return (
    <Button
      variant={up ? 'filled' : 'default'}
      aria-pressed={up}
      leftSection={<IconHandStop size={16} aria-hidden />}
      onClick={() => dispatch(raiseHand(!up))}
    >
      {t(up ? 'hand.down' : 'hand.up')}
    </Button>
  );
}

function Controls({ lecture, onOver }: Props) {
  const { t } = useTranslation('lecture');
  const dispatch = useAppDispatch();
  const { announcementsOnly } = useAppSelector(selectLecture);
  const [close] = useCloseLectureMutation();
  const { run, busy } = useAction();
  const end = () =>
    ask({
      title: t('closeTitle'),
      text: t('closeText'),
      action: t('close'),
      onYes: () => void run(() => close(lecture.lecture_id).unwrap(), t('closed')).then((done) => done && onOver()),
    });
  return (
    <Group gap="xs">
      <Button
        variant="default"
        aria-pressed={announcementsOnly}
        onClick={() => dispatch(act({ type: 'mode', announcements_only: !announcementsOnly }))}
      >
        {t(announcementsOnly ? 'mode.open' : 'mode.announcements')}
      </Button>
      <Button color="red" loading={busy} onClick={end}>
        {t('close')}
      </Button>
    </Group>
  );
}
