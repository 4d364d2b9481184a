import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { selectClassroom, selectTopics } from '@/features/classrooms/store';
import { Page } from '@/shared/components/Page';
import { useAppSelector } from '@/shared/store';
import { useTopicStudentsInfiniteQuery } from '../api';
import { StudentAverages } from './StudentAverages';

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
      <StudentAverages classroomId={classroomId} query={query} />
    </Page>
  );
}
