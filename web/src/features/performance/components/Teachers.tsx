import { useTranslation } from 'react-i18next';
import { Empty } from '@/shared/components/Empty';
import { MoreButton } from '@/shared/components/MoreButton';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { useTeacherFiguresInfiniteQuery } from '../api';
import { PercentBars } from './Charts';
import { Averages } from './tables';

const CHARTED = 20;

/** Every teacher's quiz average, with the way into each. */
export function Teachers() {
  const { t } = useTranslation('performance');
  const query = useTeacherFiguresInfiniteQuery();
  return (
    <Page title={t('teachersTitle')} subtitle={t('teachersText')}>
      <Resource query={query}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.items);
          if (all.length === 0) return <Empty title={t('nothing')} />;
          const charted = all.filter((one) => one.quiz_average !== null).slice(0, CHARTED);
          return (
            <>
              <PercentBars
                title={t('quizAverage')}
                bars={charted.map((one) => ({ name: one.name, percent: Number(one.quiz_average) }))}
              />
              <Averages
                title={t('teachers')}
                head={t('teacher')}
                rows={all.map((one) => ({
                  id: one.teacher_id,
                  name: one.name,
                  to: `/teachers/${one.teacher_id}`,
                  results: one.results,
                  average: one.quiz_average,
                }))}
              >
                <MoreButton query={query} />
              </Averages>
            </>
          );
        }}
      </Resource>
    </Page>
  );
}
