import { Alert, Badge, Button, Card, Group, Modal, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconAlertTriangle,
  IconCheck,
  IconClock,
  IconDeviceFloppy,
  IconFlag,
  IconFlagFilled,
  IconLoader2,
} from '@tabler/icons-react';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { connection } from '@/shared/api/connection';
import { decimal } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { flag, handIn, lookAt } from '../connection';
import { clock, selectAttempt, timeLeft, unsafe, type Safety } from '../store';
import { AnswerField } from './AnswerField';
import { Asked } from './Asked';
import classes from './Quiz.module.css';

const HURRY_MS = 60_000;
const SAFETY_ICONS = {
  typed: IconLoader2,
  kept: IconDeviceFloppy,
  saved: IconCheck,
  stale: IconAlertTriangle,
  refused: IconAlertTriangle,
};

/** An attempt in progress: one question at a time, the time left by the server's clock, and whether all is safe. */
export function Taking() {
  const { t } = useTranslation('quiz');
  const dispatch = useAppDispatch();
  const state = useAppSelector(selectAttempt);
  const questions = state.attempt!.questions;
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      questions.findIndex((one) => one.id === state.attempt!.current_question_id),
    ),
  );
  const question = questions[at]!;
  const isOpen = state.attempt!.status === 'open';
  useEffect(() => {
    dispatch(lookAt(question.id));
  }, [dispatch, question.id]);

  return (
    <Stack gap="md">
      <Bar />
      {state.messages.map((one) => (
        <Alert key={one.id} color="navy" title={t('teacherSays')}>
          {one.body}
        </Alert>
      ))}
      {state.end && state.end !== 'ended' && (
        <Alert color="red" title={t(`over.${state.end}`)} role="alert">
          {state.why ?? t('over.text')}
        </Alert>
      )}
      {!isOpen && (
        <Alert color="yellow" title={t('paused.title')}>
          {t('paused.text')}
        </Alert>
      )}
      <div className={classes.taking}>
        <nav aria-label={t('allQuestions')} className={classes.numbers}>
          {questions.map((one, index) => (
            <UnstyledButton
              key={one.id}
              className={classes.number}
              aria-current={index === at ? 'step' : undefined}
              data-answered={isAnswered(state.answers[one.id]?.value) || undefined}
              aria-label={t('numbered', {
                number: index + 1,
                state: t(isAnswered(state.answers[one.id]?.value) ? 'answered' : 'unanswered'),
              })}
              onClick={() => setAt(index)}
            >
              {index + 1}
              {state.flagged.includes(one.id) && <IconFlagFilled size={10} aria-hidden />}
            </UnstyledButton>
          ))}
        </nav>
        <Card component="section" aria-labelledby="question-title">
          <Stack>
            <Group justify="space-between" wrap="nowrap" align="flex-start">
              <div>
                <Text size="sm" c="dimmed">
                  {t('place', { number: at + 1, count: questions.length })} ·{' '}
                  {t('points', { count: Number(question.points), points: decimal(question.points) })}
                </Text>
                <Title order={2} id="question-title">
                  {question.title}
                </Title>
              </div>
              <Button
                variant="subtle"
                size="xs"
                flex="none"
                aria-pressed={state.flagged.includes(question.id)}
                leftSection={<IconFlag size={14} />}
                onClick={() => dispatch(flag(question.id))}
              >
                {t(state.flagged.includes(question.id) ? 'unflag' : 'flag')}
              </Button>
            </Group>
            <Asked question={question} />
            <AnswerField key={question.id} question={question} isOpen={isOpen} />
            <SafetyLine safety={state.answers[question.id]?.safety} />
            <Group justify="space-between">
              <Button variant="default" disabled={at === 0} onClick={() => setAt(at - 1)}>
                {t('back')}
              </Button>
              {at < questions.length - 1 ? (
                <Button onClick={() => setAt(at + 1)}>{t('next')}</Button>
              ) : (
                <HandIn isLast />
              )}
            </Group>
          </Stack>
        </Card>
      </div>
    </Stack>
  );
}

export const isAnswered = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && (typeof value !== 'object' || Object.keys(value).length > 0);

/** The browser may know before the socket does. */
function useIsOffline(): boolean {
  const standing = useSyncExternalStore(connection.subscribe, connection.standing);
  return useAppSelector(selectAttempt).connection !== 'live' || standing === 'offline';
}

function Bar() {
  const { t } = useTranslation('quiz');
  const state = useAppSelector(selectAttempt);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const left = timeLeft(state, now);
  const waiting = Object.keys(unsafe(state.answers)).length;
  const isOffline = useIsOffline();
  return (
    <Group justify="space-between" wrap="nowrap" className={classes.bar}>
      <Group gap="xs" wrap="nowrap">
        {left !== null && (
          <Badge
            size="lg"
            flex="none"
            color={left < HURRY_MS ? 'red' : 'navy'}
            leftSection={<IconClock size={14} aria-hidden />}
          >
            <span role="timer" aria-label={t('timeLeft')}>
              {clock(left)}
            </span>
          </Badge>
        )}
        <Text size="sm" role="status" aria-live="polite" c={isOffline ? 'red' : 'dimmed'}>
          {state.end
            ? t('notSent', { count: waiting })
            : isOffline
              ? t('offline')
              : waiting > 0
                ? t('saving')
                : t('allSaved')}
        </Text>
      </Group>
      <HandIn />
    </Group>
  );
}

function SafetyLine({ safety }: { safety: Safety | undefined }) {
  const { t } = useTranslation('quiz');
  const isOffline = useIsOffline();
  if (!safety) return null;
  const told = safety === 'typed' && isOffline ? 'kept' : safety;
  const Picture = SAFETY_ICONS[told];
  return (
    <Text size="sm" c={told === 'stale' || told === 'refused' ? 'red' : 'dimmed'}>
      <Picture size={14} aria-hidden /> {t(`safety.${told}`)}
    </Text>
  );
}

function HandIn({ isLast = false }) {
  const { t } = useTranslation('quiz');
  const dispatch = useAppDispatch();
  const [asked, dialog] = useDisclosure(false);
  const { attempt, answers } = useAppSelector(selectAttempt);
  const { run, busy } = useAction();
  const open = attempt!.questions.filter((one) => !isAnswered(answers[one.id]?.value)).length;
  const waiting = Object.keys(unsafe(answers)).length;
  const isOffline = useIsOffline();
  return (
    <>
      <Button variant={isLast ? 'filled' : 'default'} onClick={dialog.open}>
        {t('handIn.action')}
      </Button>
      <Modal opened={asked} onClose={dialog.close} title={t('handIn.title')}>
        <Stack>
          <Text>{open > 0 ? t('handIn.open', { count: open }) : t('handIn.complete')}</Text>
          {waiting > 0 && <Text c="red">{t(isOffline ? 'handIn.offline' : 'handIn.waiting', { count: waiting })}</Text>}
          <Group justify="flex-end">
            <Button variant="default" onClick={dialog.close}>
              {t('handIn.stay')}
            </Button>
            <Button
              loading={busy}
              disabled={waiting > 0}
              onClick={() => void run(() => dispatch(handIn()).unwrap(), t('handIn.done'))}
            >
              {t('handIn.action')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
