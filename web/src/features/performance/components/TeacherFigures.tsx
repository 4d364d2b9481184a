import { SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useParams } from 'react-router';
import { Beside } from '@/shared/components/Beside';
import { Figure } from '@/shared/components/Figure';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { percent } from '@/shared/format';
import { useTeacherQuery } from '../api';
import { PercentBars, Trend } from './Charts';
import { Averages } from './tables';

/** One teacher's classrooms, for an admin. */
export function TeacherFigures() {
  const { t } = useTranslation('performance');
  const { teacherId = '' } = useParams();
  const { data } = useTeacherQuery(teacherId);
  return (
    <Page title={data?.name ?? t('teacher')} subtitle={data?.email} trail={[[t('teachers'), '/teachers']]}>
      <Overview teacherId={teacherId} />
    </Page>
  );
}

/** A teacher's figures over all classrooms and in each. */
function Overview({ teacherId }: { teacherId: string }) {
  const { t } = useTranslation('performance');
  const query = useTeacherQuery(teacherId);
  return (
    <Resource query={query}>
      {(teacher) => (
        <>
          <SimpleGrid cols={{ base: 1, xs: 3 }}>
            <Figure label={t('quizAverage')} value={percent(teacher.quiz_average)} hint={t('overAll')} />
            <Figure label={t('results')} value={teacher.results} />
            <Figure label={t('participation')} value={percent(teacher.participation)} hint={t('participationText')} />
          </SimpleGrid>
          <Beside>
            <PercentBars
              title={t('byClassroom')}
              bars={teacher.classrooms
                .filter((one) => one.quiz_average !== null)
                .map((one) => ({ name: one.title, percent: Number(one.quiz_average) }))}
            />
            <Trend months={teacher.trend} />
          </Beside>
          <Averages
            title={t('classrooms')}
            head={t('classroom')}
            rows={teacher.classrooms.map((one) => ({
              id: one.classroom_id,
              name: one.title,
              results: one.results,
              average: one.quiz_average,
            }))}
          />
        </>
      )}
    </Resource>
  );
}
