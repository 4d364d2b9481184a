import { SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { selectClassroom } from '@/features/classrooms/store';
import { Beside } from '@/shared/components/Beside';
import { Figure } from '@/shared/components/Figure';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { percent } from '@/shared/format';
import { useAppSelector } from '@/shared/store';
import { useStudentFiguresQuery } from '../api';
import { PercentBars, Trend } from './Charts';
import { Results, TopicAverages } from './tables';

/** One student of a classroom, for its teachers. */
export function StudentFigures() {
  const { t } = useTranslation('performance');
  const { classroomId = '', studentId = '' } = useParams();
  const classroom = useAppSelector(selectClassroom(classroomId));
  const query = useStudentFiguresQuery({ classroom_id: classroomId, student_id: studentId });
  const back: [string, string][] = [
    [classroom?.title ?? '', `/classrooms/${classroomId}`],
    [t('title'), `/classrooms/${classroomId}/performance`],
  ];
  return (
    <Page title={query.data?.name ?? t('student')} trail={back}>
      <Resource query={query}>
        {(figures) => (
          <>
            <SimpleGrid cols={{ base: 2, md: 3 }}>
              <Figure label={t('overall')} value={percent(figures.average)} />
              <Figure label={t('quizAverage')} value={percent(figures.quiz_average)} />
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
            <TopicAverages topics={figures.topics} to={(id) => `/classrooms/${classroomId}/topics/${id}/students`} />
            <Results results={figures.assignments} />
          </>
        )}
      </Resource>
    </Page>
  );
}
