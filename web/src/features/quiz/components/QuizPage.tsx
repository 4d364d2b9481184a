import { Button, Card, Group, Stack, Text } from '@mantine/core';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { AboutAssignment } from '@/features/assignments/components/AboutAssignment';
import { selectAssignment } from '@/features/assignments/store';
import { selectClassroom } from '@/features/classrooms/store';
import { selectRole } from '@/features/session/store';
import { Empty } from '@/shared/components/Empty';
import { Failure } from '@/shared/components/Failure';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { decimal, fullDateTime } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useAppDispatch, useAppSelector } from '@/shared/store';
import { refreshQuiz, saveReceipt, useOwnAttemptsQuery, useQuizQuery, type Quiz } from '../api';
import { leaveAttempt, take } from '../connection';
import { selectAttempt } from '../store';
import { Console } from './Console';
import classes from './Quiz.module.css';
import { QuizTabs } from './QuizTabs';
import { Taking } from './Taking';

const MINUTE = 60;

/** A quiz: a student takes it, a teacher watches it. */
export function QuizPage() {
  const { assignmentId = '' } = useParams();
  const { t } = useTranslation('quiz');
  const assignment = useAppSelector(selectAssignment(assignmentId));
  const classroom = useAppSelector(selectClassroom(assignment?.classroom_id ?? ''));
  const role = useAppSelector(selectRole);
  if (!assignment) return <Empty title={t('unknown')} />;
  return (
    <Page
      title={assignment.title}
      trail={[[classroom?.title ?? '…', `/classrooms/${assignment.classroom_id}`]]}
      actions={role !== 'student' && <AboutAssignment assignmentId={assignmentId} />}
    >
      {role === 'student' ? (
        <Own assignmentId={assignmentId} />
      ) : (
        <>
          <QuizTabs assignmentId={assignmentId} />
          <Console assignmentId={assignmentId} />
        </>
      )}
    </Page>
  );
}

function Own({ assignmentId }: { assignmentId: string }) {
  const dispatch = useAppDispatch();
  const { attempt } = useAppSelector(selectAttempt);
  useEffect(() => () => void dispatch(leaveAttempt()), [dispatch, assignmentId]);
  if (attempt?.assignment_id === assignmentId && attempt.status !== 'submitted') return <Taking />;
  return <Before assignmentId={assignmentId} />;
}

function Before({ assignmentId }: { assignmentId: string }) {
  const dispatch = useAppDispatch();
  const handedIn = useAppSelector(selectAttempt).attempt?.status === 'submitted';
  const query = useQuizQuery(assignmentId, { refetchOnMountOrArgChange: 10 });
  useEffect(() => {
    if (handedIn) dispatch(refreshQuiz());
  }, [dispatch, handedIn]);
  return (
    <Stack gap="lg">
      <Resource query={query}>{(quiz) => <Rules quiz={quiz} />}</Resource>
      <Attempts assignmentId={assignmentId} />
    </Stack>
  );
}

/** By the server's clock when the quiz was read; who starts is asked again there. */
const mayStart = ({ now, opens_at, closes_at, attempts_allowed, own }: Quiz) =>
  (attempts_allowed === null || (own?.attempts_used ?? 0) < attempts_allowed) &&
  (closes_at === null || now < closes_at) &&
  (opens_at === null || now >= opens_at);

function Rules({ quiz }: { quiz: Quiz }) {
  const { t } = useTranslation('quiz');
  const dispatch = useAppDispatch();
  const { run, busy, problem } = useAction({ quiet: true });
  const goesOn = Boolean(quiz.own?.unfinished_attempt_id);
  const limit = quiz.time_limit_seconds && quiz.time_limit_seconds + (quiz.own?.extra_seconds ?? 0);
  const facts = [
    t('questions', { count: quiz.question_count }),
    t('points', { count: Number(quiz.max_score), points: decimal(quiz.max_score) }),
    limit ? t('limit', { count: limit / MINUTE, minutes: decimal(limit / MINUTE) }) : t('noLimit'),
    quiz.attempts_allowed
      ? t('attemptsUsed', { used: quiz.own?.attempts_used ?? 0, allowed: quiz.attempts_allowed })
      : t('anyAttempts'),
    quiz.opens_at && t('opens', { at: fullDateTime(quiz.opens_at) }),
    quiz.closes_at && t('closes', { at: fullDateTime(quiz.closes_at) }),
  ].filter(Boolean);
  return (
    <Card>
      <Stack align="flex-start">
        {facts.map((fact) => (
          <Text key={fact}>{fact}</Text>
        ))}
        <Text size="sm" c="dimmed">
          {t('kept')}
        </Text>
        <Failure problem={problem} />
        {(goesOn || mayStart(quiz)) && (
          <Button size="md" loading={busy} onClick={() => void run(() => dispatch(take(quiz.assignment_id)).unwrap())}>
            {t(goesOn ? 'goOn' : 'start')}
          </Button>
        )}
      </Stack>
    </Card>
  );
}

function Attempts({ assignmentId }: { assignmentId: string }) {
  const { t } = useTranslation('quiz');
  const { data } = useOwnAttemptsQuery(assignmentId);
  const { run } = useAction();
  const over = data?.filter((one) => one.status === 'submitted') ?? [];
  if (over.length === 0) return null;
  return (
    <Card>
      <Stack gap="md" component="ul" className={classes.attempts}>
        {over.map((one) => (
          <Group key={one.id} component="li" justify="space-between">
            <div>
              <Text fw={600}>{t('review.title', { number: one.number })}</Text>
              <Text size="sm" c="dimmed">
                {one.submitted_at && t('handedInAt', { at: fullDateTime(one.submitted_at) })}
              </Text>
            </div>
            <Group gap="xs">
              <Text fw={600} mr="xs">
                {one.score === null
                  ? t('notReleased')
                  : t('scored', { score: decimal(one.score), max: decimal(one.max_score) })}
              </Text>
              <Button
                size="xs"
                variant="default"
                component={Link}
                to={`/quizzes/${assignmentId}/attempts/${one.id}`}
                aria-label={t('review.lookAt', { number: one.number })}
              >
                {t('review.look')}
              </Button>
              <Button size="xs" variant="default" onClick={() => void run(() => saveReceipt(one.id))}>
                {t('receipt')}
              </Button>
            </Group>
          </Group>
        ))}
      </Stack>
    </Card>
  );
}
