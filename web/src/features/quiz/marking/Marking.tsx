import { Alert, Group, Select, Stack, Switch } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Empty } from '@/shared/components/Empty';
import { MoreButton } from '@/shared/components/MoreButton';
import { Resource } from '@/shared/components/Resource';
import { useAppDispatch } from '@/shared/store';
import { TeacherPage } from '../components/TeacherPage';
import { useQuestionsQuery } from '../editor/api';
import type { Question } from '../editor/draft';
import { AnswerToMark } from './AnswerToMark';
import { queueChanged, useQueueQuery, useToMarkInfiniteQuery, type ToMark } from './api';

/** What people mark, question by question: all answers to one before the next. */
export function Marking() {
  return <TeacherPage>{(assignmentId) => <Queue assignmentId={assignmentId} />}</TeacherPage>;
}

function Queue({ assignmentId }: { assignmentId: string }) {
  const { t } = useTranslation('quiz');
  const query = useQueueQuery(assignmentId, { refetchOnMountOrArgChange: true });
  const { data: questions } = useQuestionsQuery(assignmentId);
  const [chosen, setChosen] = useState<string | null>(null);
  const [all, setAll] = useState(false);
  const known = questions && [...questions.questions, ...questions.draws.flatMap((draw) => draw.questions)];
  return (
    <Resource query={query}>
      {(queue) => {
        const first = queue.questions.find((one) => one.waiting > 0) ?? queue.questions[0];
        const questionId = chosen ?? first?.question_id;
        if (!questionId) return <Empty title={t('marking.nothing')} />;
        return (
          <Stack>
            <Group align="flex-end">
              <Select
                flex={1}
                allowDeselect={false}
                label={t('marking.which')}
                data={queue.questions.map((one) => ({
                  value: one.question_id,
                  label: t('marking.waiting', { ...one }),
                }))}
                value={questionId}
                onChange={setChosen}
              />
              <Switch
                pb={8}
                label={t('marking.all')}
                checked={all}
                onChange={(event) => setAll(event.currentTarget.checked)}
              />
            </Group>
            {queue.anonymous && <Alert color="navy">{t('marking.anonymous')}</Alert>}
            <Answers
              key={`${questionId}.${all}`}
              assignmentId={assignmentId}
              questionId={questionId}
              question={known?.find((one) => one.id === questionId)}
              waiting={!all}
            />
          </Stack>
        );
      }}
    </Resource>
  );
}

interface Props {
  assignmentId: string;
  questionId: string;
  question: Question | undefined;
  waiting: boolean;
}

/** The list stays as it was found while one goes through it; what was marked meanwhile is laid over it. */
function Answers({ assignmentId, questionId, question, waiting }: Props) {
  const { t } = useTranslation('quiz');
  const dispatch = useAppDispatch();
  const query = useToMarkInfiniteQuery({ assignmentId, questionId, waiting }, { refetchOnMountOrArgChange: true });
  const [at, setAt] = useState(0);
  const [marked, setMarked] = useState<Record<string, ToMark>>({});
  function keep(one: ToMark) {
    setMarked((before) => ({ ...before, [one.attempt_id]: one }));
    dispatch(queueChanged());
  }
  return (
    <Resource query={query}>
      {({ pages }) => {
        const answers = pages.flatMap((page) => page.items);
        const one = answers[at];
        return (
          <Stack>
            {one ? (
              <AnswerToMark
                key={one.attempt_id}
                answer={marked[one.attempt_id] ?? one}
                place={at + 1}
                count={answers.length}
                questionId={questionId}
                question={question}
                onMarked={keep}
                onMove={(step) => setAt(Math.max(0, Math.min(answers.length, at + step)))}
              />
            ) : (
              <Empty title={t('marking.done')} />
            )}
            <MoreButton query={query} />
          </Stack>
        );
      }}
    </Resource>
  );
}
