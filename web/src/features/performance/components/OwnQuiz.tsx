import { Button, SimpleGrid } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { selectClassroom, selectTopics } from '@/features/classrooms/store';
import type { GradingSchemas } from '@/shared/api/schemas';
import { Figure } from '@/shared/components/Figure';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { decimal, fullDateTime, percent } from '@/shared/format';
import { useAppSelector } from '@/shared/store';
import { useOwnQuizQuery } from '../api';
import { PercentBars } from './Charts';

/** A student's result in one quiz, beside the class. */
export function OwnQuiz() {
  const { t } = useTranslation('performance');
  const { assignmentId = '' } = useParams();
  const query = useOwnQuizQuery(assignmentId);
  const quiz = query.data;
  const classroom = useAppSelector(selectClassroom(quiz?.classroom_id ?? ''));
  const topic = useAppSelector(selectTopics(quiz?.classroom_id ?? '')).find((one) => one.id === quiz?.topic_id);
  const trail: [string, string][] = [[t('mine'), '/performance']];
  if (classroom) trail.push([classroom.title, `/classrooms/${classroom.id}/performance`]);
  if (topic) trail.push([topic.title, `/performance/topics/${topic.id}`]);
  return (
    <Page
      title={quiz?.title ?? t('quiz')}
      subtitle={quiz?.graded_at && t('gradedAt', { at: fullDateTime(quiz.graded_at) })}
      trail={trail}
      actions={
        <Button
          component={Link}
          to={`/quizzes/${assignmentId}`}
          variant="default"
          rightSection={<IconArrowRight size={18} aria-hidden />}
        >
          {t('toAttempts')}
        </Button>
      }
    >
      <Resource query={query}>{(found) => <Result quiz={found} />}</Resource>
    </Page>
  );
}

function Result({ quiz }: { quiz: GradingSchemas['OwnQuiz'] }) {
  const { t } = useTranslation('performance');
  const bars = [
    { name: t('me'), percent: quiz.percent },
    { name: t('class'), percent: quiz.class_average },
  ];
  return (
    <>
      <SimpleGrid cols={{ base: 1, xs: 3 }}>
        <Figure label={t('percent')} value={percent(quiz.percent)} hint={quiz.late ? t('late') : undefined} />
        <Figure
          label={t('score')}
          value={quiz.score === null ? '–' : `${decimal(quiz.score)} / ${decimal(quiz.max_score)}`}
        />
        <Figure
          label={t('ofClass')}
          value={percent(quiz.class_average)}
          hint={quiz.class_average === null ? t('ofClassText') : undefined}
        />
      </SimpleGrid>
      <PercentBars
        title={t('besideClass')}
        bars={bars.flatMap((bar) => (bar.percent === null ? [] : [{ ...bar, percent: Number(bar.percent) }]))}
      />
    </>
  );
}
