import { Alert, Button, Card, Group, NumberInput, Stack, Text, Textarea, Title } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { Failure } from '@/shared/components/Failure';
import { decimal } from '@/shared/format';
import { useAction } from '@/shared/hooks/useAction';
import { useKept } from '@/shared/hooks/useKept';
import { Prose } from '@/shared/components/Prose';
import { Asked } from '../components/Asked';
import classes from '../components/Quiz.module.css';
import type { Question } from '../editor/draft';
import { giveMark, type ToMark } from './api';

interface Props {
  answer: ToMark;
  place: number;
  count: number;
  questionId: string;
  question: Question | undefined;
  onMarked: (answer: ToMark) => void;
  onMove: (step: number) => void;
}

interface Typed {
  mark: string | null;
  feedback: string;
}

/** One answer, its mark and what is said to it; marked and left by keyboard alone if one likes. */
export function AnswerToMark({ answer, place, count, questionId, question, onMarked, onMove }: Props) {
  const { t } = useTranslation('quiz');
  const [typed, setTyped, forget] = useKept<Typed | null>(`mark.${answer.attempt_id}.${questionId}`, null);
  const { run, busy, problem } = useAction({ quiet: true });
  const { mark, feedback } = typed ?? answer;
  const stale = problem?.status === 412 ? (problem.current as Pick<ToMark, 'mark' | 'mark_version'>) : null;

  async function save() {
    if (mark === null || mark === '') return;
    const against = stale ? { ...answer, mark_version: stale.mark_version } : answer;
    const isDone = await run(async () => {
      const given = await giveMark(against, questionId, { mark, feedback });
      onMarked({ ...answer, ...given });
      forget();
    }, t('marking.saved'));
    if (isDone) onMove(1);
  }
  useHotkeys(
    [
      ['mod+Enter', () => void save()],
      ['alt+ArrowLeft', () => onMove(-1)],
      ['alt+ArrowRight', () => onMove(1)],
    ],
    [],
  );
  return (
    <Card component="section" aria-labelledby="answer-title">
      <Stack>
        <div>
          <Text size="sm" c="dimmed">
            {place} / {count}
          </Text>
          <Title order={2} fz="lg" id="answer-title">
            {answer.name
              ? t('marking.student', { name: answer.name, number: answer.number })
              : t('marking.somebody', { place })}
          </Title>
        </div>
        {question && <TheQuestion question={question} />}
        <Card withBorder>
          <Given value={answer.value} />
        </Card>
        {stale && (
          <Alert color="yellow" role="alert">
            {t('marking.changed', { mark: decimal(stale.mark) })}
          </Alert>
        )}
        {!stale && Object.keys(problem?.fields ?? {}).length === 0 && <Failure problem={problem} />}
        <Group align="flex-start">
          <NumberInput
            w={160}
            min={0}
            decimalScale={2}
            label={t('marking.mark', { max: decimal(answer.max_mark) })}
            value={mark ?? ''}
            onChange={(value) => setTyped({ mark: String(value), feedback })}
            error={problem?.fields['mark']}
          />
          <Textarea
            flex={1}
            autosize
            minRows={2}
            label={t('marking.feedback')}
            value={feedback}
            onChange={(event) => setTyped({ mark, feedback: event.currentTarget.value })}
            error={problem?.fields['feedback']}
          />
        </Group>
        <Group justify="space-between">
          <Group gap="xs">
            <Button variant="default" disabled={place === 1} onClick={() => onMove(-1)}>
              {t('marking.previous')}
            </Button>
            <Button variant="default" onClick={() => onMove(1)}>
              {t('marking.next')}
            </Button>
          </Group>
          <Button loading={busy} disabled={mark === null || mark === ''} onClick={() => void save()}>
            {t('marking.save')}
          </Button>
        </Group>
        <Text size="xs" c="dimmed">
          {t('marking.keys')}
        </Text>
      </Stack>
    </Card>
  );
}

function TheQuestion({ question }: { question: Question }) {
  const { t } = useTranslation('quiz');
  return (
    <>
      <Text fw={600}>{question.title}</Text>
      <Asked question={question} />
      {question.kind === 'essay' && question.guidance && (
        <Alert color="navy" title={t('marking.guidance')}>
          <Prose text={question.guidance} />
        </Alert>
      )}
    </>
  );
}

/** What a student wrote, as written. */
function Given({ value }: { value: unknown }) {
  const { t } = useTranslation('quiz');
  if (value === null || value === '') return <Text c="dimmed">{t('marking.noAnswer')}</Text>;
  return <Text className={classes.text}>{typeof value === 'string' ? value : JSON.stringify(value)}</Text>;
}
