import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Beside } from '@/shared/components/Beside';
import { Resource } from '@/shared/components/Resource';
import { useOwnFiguresQuery } from '../api';
import { PercentBars, Trend } from './Charts';
import { OwnAverages } from './OwnAverages';
import { Results, TopicAverages } from './tables';

/** How a student does in one classroom, beside the class where enough others have results. */
export function OwnFigures({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('performance');
  const query = useOwnFiguresQuery(classroomId);
  return (
    <Resource query={query}>
      {(figures) => (
        <Stack>
          <OwnAverages figures={figures} />
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
