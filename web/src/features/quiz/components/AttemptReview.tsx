import { Alert, Badge, Card, Group, List, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { selectAssignment } from '@/features/assignments/store';
import { useEveryStudentQuery } from '@/features/classrooms/api';
import { selectIsTeacherOf } from '@/features/session/store';
import { Empty } from '@/shared/components/Empty';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { decimal, fullDateTime } from '@/shared/format';
import { useAppSelector } from '@/shared/store';
import { useAttemptQuery } from '../api';
import type { Attempt, Question } from '../frames';
import { solutionOf } from '../solution';
import { AnswerInput } from './AnswerField';
import { Asked } from './Asked';
import { Prose } from '@/shared/components/Prose';
import classes from './AttemptReview.module.css';
import { isAnswered } from './Taking';

/** A handed-in attempt: what was answered; marks, feedback and solutions as far as they may show. */
export function AttemptReview() {
  const { attemptId = '', assignmentId = '' } = useParams();
  const { t } = useTranslation('quiz');
  const assignment = useAppSelector(selectAssignment(assignmentId));
  const query = useAttemptQuery(attemptId, { refetchOnMountOrArgChange: true });
  const attempt = query.data;
  const teaches = useAppSelector(selectIsTeacherOf(assignment?.classroom_id ?? ''));
  const { data: students } = useEveryStudentQuery(assignment?.classroom_id ?? '', { skip: !teaches });
  const student = students?.find((one) => one.account_id === attempt?.student_id);
  const at = attempt?.submitted_at && fullDateTime(attempt.submitted_at);
  if (!assignment) return <Empty title={t('review.gone')} />;
  return (
    <Page
      title={student?.name ?? (attempt ? t('review.title', { number: attempt.number }) : '…')}
      subtitle={at && (student ? t('review.of', { number: attempt.number, at }) : at)}
      trail={[[assignment.title, `/quizzes/${assignmentId}`]]}
    >
      <Resource query={query}>{(whole) => <Review attempt={whole} />}</Resource>
    </Page>
  );
}

function Review({ attempt }: { attempt: Attempt }) {
  const { t } = useTranslation('quiz');
  const answers = new Map(attempt.answers.map((one) => [one.question_id, one]));
  const released = attempt.score !== null && attempt.score !== undefined;
  return (
    <Stack>
      {released ? (
        <Text fz="xl" fw={700}>
          {t('scored', { score: decimal(attempt.score), max: decimal(attempt.max_score) })}
        </Text>
      ) : (
        <Alert color="navy">{t('review.notYet')}</Alert>
      )}
      {attempt.questions.map((question, index) => (
        <Reviewed
          key={question.id}
          question={question}
          number={index + 1}
          answer={answers.get(question.id)}
          released={released}
        />
      ))}
    </Stack>
  );
}

/** All of the points, some, or none: the words beside it say how many. */
function colourOf(mark: string | null, points: string): string {
  if (mark === null) return 'gray';
  if (Number(mark) >= Number(points)) return 'leaf';
  return Number(mark) > 0 ? 'yellow' : 'red';
}

interface Props {
  question: Question;
  number: number;
  answer: Attempt['answers'][number] | undefined;
  released: boolean;
}

function Reviewed({ question, number, answer, released }: Props) {
  const { t } = useTranslation('quiz');
  const mark = answer?.mark ?? null;
  return (
    <Card component="section" aria-label={`${number}. ${question.title}`}>
      <Stack>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <Title order={2} fz="lg">
            {number}. {question.title}
          </Title>
          {released && answer && (
            <Badge size="lg" variant="light" flex="none" color={colourOf(mark, question.points)}>
              {mark === null
                ? t('review.unmarked')
                : t('review.mark', { mark: decimal(mark), points: decimal(question.points) })}
            </Badge>
          )}
        </Group>
        <Asked question={question} />
        {isAnswered(answer?.value) ? (
          <div className={classes.given}>
            <AnswerInput question={question} isOpen={false} value={answer?.value} onChange={() => undefined} />
          </div>
        ) : (
          <Text c="dimmed">{t('review.unanswered')}</Text>
        )}
        {answer?.feedback && (
          <Alert color="navy" title={t('review.feedback')}>
            <Prose text={answer.feedback} />
          </Alert>
        )}
        {question.solution && <Solution solution={question.solution} value={answer?.value} />}
      </Stack>
    </Card>
  );
}

function Solution({ solution, value }: { solution: NonNullable<Question['solution']>; value: unknown }) {
  const { t } = useTranslation('quiz');
  const right = solutionOf(solution, { yes: t('true'), no: t('false') });
  const taken = Array.isArray(value) ? value : [value];
  const words = 'choices' in solution ? solution.choices.filter((one) => one.feedback && taken.includes(one.id)) : [];
  return (
    <Alert color="leaf" title={right.length > 0 ? t('review.solution') : t('review.explanation')}>
      <Stack gap="xs">
        {right.length > 0 && (
          <List type={solution.kind === 'ordering' ? 'ordered' : 'unordered'}>
            {right.map((line, index) => (
              <List.Item key={index}>
                <Prose text={line} />
              </List.Item>
            ))}
          </List>
        )}
        {words.map((one) => (
          <div key={one.id}>
            <Text size="sm" fw={600}>
              {t('review.choiceFeedback')}
            </Text>
            <Prose text={one.feedback ?? ''} />
          </div>
        ))}
        {solution.explanation && <Prose text={solution.explanation} />}
      </Stack>
    </Alert>
  );
}
