import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { selectClassroom, selectTopics } from '@/features/classrooms/store';
import { MoreButton } from '@/shared/components/MoreButton';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { useAppSelector } from '@/shared/store';
import { useTopicStudentsInfiniteQuery } from '../api';
import { Averages } from './tables';

/** How each student of a classroom does in one topic. */
export function TopicStudents() {
  const { t } = useTranslation('performance');
  const { classroomId = '', topicId = '' } = useParams();
  const classroom = useAppSelector(selectClassroom(classroomId));
  const topic = useAppSelector(selectTopics(classroomId)).find((one) => one.id === topicId);
  const query = useTopicStudentsInfiniteQuery({ classroom_id: classroomId, topic_id: topicId });
  return (
    <Page
      title={topic?.title ?? t('topic')}
      trail={[
        [classroom?.title ?? '', `/classrooms/${classroomId}`],
        [t('title'), `/classrooms/${classroomId}/performance`],
      ]}
    >
      <Resource query={query}>
        {({ pages }) => (
          <Averages
            title={t('students')}
            head={t('student')}
            rows={pages.flatMap((page) =>
              page.items.map((one) => ({
                id: one.student_id,
                name: one.name ?? t('unknown'),
                to: `/classrooms/${classroomId}/students/${one.student_id}`,
                results: one.all_results,
                average: one.average,
              })),
            )}
          >
            <MoreButton query={query} />
          </Averages>
        )}
      </Resource>
    </Page>
  );
}
