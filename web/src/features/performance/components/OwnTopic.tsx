import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { selectClassroom } from '@/features/classrooms/store';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { useAppSelector } from '@/shared/store';
import { useOwnTopicQuery } from '../api';
import { OwnAverages } from './OwnAverages';
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
            <OwnAverages figures={figures} />
            <Results results={figures.assignments} own />
          </>
        )}
      </Resource>
    </Page>
  );
}
