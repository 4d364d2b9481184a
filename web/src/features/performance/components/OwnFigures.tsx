import { SimpleGrid, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Beside } from '@/shared/components/Beside';
import { Figure } from '@/shared/components/Figure';
import { Resource } from '@/shared/components/Resource';
import { percent } from '@/shared/format';
import { useOwnFiguresQuery } from '../api';
import { PercentBars, Trend } from './Charts';
import { Results, TopicAverages } from './tables';

/** How a student does in one classroom, beside the class where enough others have results. */
export function OwnFigures({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('performance');
  const query = useOwnFiguresQuery(classroomId);
  return (
    <Resource query={query}>
      {(figures) => (
        <Stack>
          <SimpleGrid cols={{ base: 2, md: 3 }}>
            <Figure
              label={t('myAverage')}
              value={percent(figures.average)}
              hint={t('classAverage', { value: percent(figures.class_averages.average) })}
            />
            <Figure
              label={t('myQuizAverage')}
              value={percent(figures.quiz_average)}
              hint={t('classAverage', { value: percent(figures.class_averages.quiz_average) })}
            />
            <Figure label={t('results')} value={figures.all_results} />
          </SimpleGrid>
          <Beside>
            <PercentBars
              title={t('byTopic')}
              bars={figures.topics
                .filter((topic) => topic.average !== null)
                .map((topic) => ({ name: topic.title ?? t('noTopic'), percent: Number(topic.average) }))}
            />
            <Trend months={figures.trend} />
          </Beside>
          <TopicAverages topics={figures.topics} to={(id) => `/performance/topics/${id}`} />
          <Results results={figures.assignments} own />
        </Stack>
      )}
    </Resource>
  );
}
