import { SimpleGrid } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { GradingSchemas } from '@/shared/api/schemas';
import { Figure } from '@/shared/components/Figure';
import { percent } from '@/shared/format';

type Averages = Pick<GradingSchemas['OwnClassroom'], 'average' | 'quiz_average' | 'class_averages' | 'all_results'>;

/** A student's own averages beside those of the class. */
export function OwnAverages({ figures }: { figures: Averages }) {
  const { t } = useTranslation('performance');
  return (
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
  );
}
