import { SimpleGrid, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { selectIsTeacherOf } from '@/features/session/store';
import { Beside } from '@/shared/components/Beside';
import { Figure } from '@/shared/components/Figure';
import { Resource } from '@/shared/components/Resource';
import { percent } from '@/shared/format';
import { useAppSelector } from '@/shared/store';
import { useClassroomFiguresQuery, useStudentsFiguresInfiniteQuery } from '../api';
import { Histogram, PercentBars, Trend } from './Charts';
import { HardestQuestions } from './HardestQuestions';
import { OwnFigures } from './OwnFigures';
import { StudentAverages } from './StudentAverages';
import { StudentsAtRisk } from './StudentsAtRisk';
import { Averages, TopicAverages } from './tables';

/** A classroom in figures: for its teachers by topic, quiz and student; for a student their own. */
export function ClassroomFigures() {
  const { classroomId = '' } = useParams();
  const teaches = useAppSelector(selectIsTeacherOf(classroomId));
  return teaches ? <Taught classroomId={classroomId} /> : <OwnFigures classroomId={classroomId} />;
}

function Taught({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('performance');
  const query = useClassroomFiguresQuery(classroomId);
  return (
    <Resource query={query}>
      {(figures) => (
        <Stack>
          <SimpleGrid cols={{ base: 2, md: 4 }}>
            <Figure label={t('quizAverage')} value={percent(figures.quiz_average)} />
            <Figure label={t('overall')} value={percent(figures.average)} />
            <Figure label={t('median')} value={percent(figures.distribution.median)} />
            <Figure label={t('participation')} value={percent(figures.participation)} />
          </SimpleGrid>
          <Beside>
            <Histogram distribution={figures.distribution} />
            <Trend months={figures.trend} />
            <PercentBars
              title={t('byTopic')}
              bars={figures.topics
                .filter((topic) => topic.average !== null)
                .map((topic) => ({ name: topic.title ?? t('noTopic'), percent: Number(topic.average) }))}
            />
          </Beside>
          <TopicAverages topics={figures.topics} to={(id) => `/classrooms/${classroomId}/topics/${id}/students`} />
          <Averages
            title={t('quizzes')}
            head={t('quiz')}
            rows={figures.quizzes.map((quiz) => ({
              id: quiz.assignment_id,
              name: quiz.title,
              to: `/quizzes/${quiz.assignment_id}/statistics`,
              results: quiz.results,
              average: quiz.average,
            }))}
          />
          <HardestQuestions questions={figures.hardest_questions} />
          <StudentsAtRisk classroomId={classroomId} />
          <EveryStudent classroomId={classroomId} />
        </Stack>
      )}
    </Resource>
  );
}

function EveryStudent({ classroomId }: { classroomId: string }) {
  return <StudentAverages classroomId={classroomId} query={useStudentsFiguresInfiniteQuery(classroomId)} />;
}
