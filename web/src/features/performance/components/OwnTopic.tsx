import { SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { selectClassroom } from '@/features/classrooms/store';
import { Figure } from '@/shared/components/Figure';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { percent } from '@/shared/format';
import { useAppSelector } from '@/shared/store';
import { useOwnTopicQuery } from '../api';
import { Results } from './tables';

/** How a student does in one topic, beside the class. */
export function OwnTopic() {
  const { t } = useTranslation('performance');
  const { topicId = '' } = useParams();
  const query = useOwnTopicQuery(topicId);
  const classroom = useAppSelector(selectClassroom(query.data?.classroom_id ?? ''));
  return (
    <Page
      title={query.data?.title ?? t('topic')}
      trail={[
        [t('mine'), '/performance'],
        ...(classroom ? [[classroom.title, `/classrooms/${classroom.id}/performance`] as [string, string]] : []),
      ]}
    >
      <Resource query={query}>
        {(figures) => (
          <>
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
            <Results results={figures.assignments} own />
          </>
        )}
      </Resource>
    </Page>
  );
}
