import { Group, Select } from '@mantine/core';
import { IconFilterOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Empty } from '@/shared/components/Empty';
import { MoreButton } from '@/shared/components/MoreButton';
import { Page } from '@/shared/components/Page';
import { Resource } from '@/shared/components/Resource';
import { useTeacherFiguresInfiniteQuery, useTeacherFiltersQuery, type TeacherFilter } from '../api';
import { PercentBars } from './Charts';
import { Averages } from './tables';

const CHARTED = 20;
const FILTERS = ['term', 'subject'] as const;

/** Every teacher's quiz average, in all or in some of the school's classrooms, with the way into each. */
export function Teachers() {
  const { t } = useTranslation('performance');
  const [address, setAddress] = useSearchParams();
  const filter: TeacherFilter = Object.fromEntries(
    FILTERS.flatMap((name) => (address.has(name) ? [[name, address.get(name)]] : [])),
  );
  return (
    <Page title={t('teachersTitle')} subtitle={t('teachersText')}>
      <Filters filter={filter} onChange={(next) => setAddress({ ...next }, { replace: true })} />
      <Figures filter={filter} />
    </Page>
  );
}

interface FiltersProps {
  filter: TeacherFilter;
  onChange: (filter: TeacherFilter) => void;
}

/** By what the school has: no filter where there is nothing to choose. */
function Filters({ filter, onChange }: FiltersProps) {
  const { t } = useTranslation('performance');
  const { data } = useTeacherFiltersQuery();
  const choices = { term: data?.terms ?? [], subject: data?.subjects ?? [] };
  if (!FILTERS.some((name) => choices[name].length > 0)) return null;
  return (
    <Group>
      {FILTERS.filter((name) => choices[name].length > 0).map((name) => (
        <Select
          key={name}
          aria-label={t(name)}
          placeholder={t(`any.${name}`)}
          data={choices[name]}
          value={filter[name] ?? null}
          onChange={(value) => {
            const { [name]: _, ...others } = filter;
            onChange({ ...others, ...(value && { [name]: value }) });
          }}
          clearable
          clearButtonProps={{ 'aria-label': t(`any.${name}`) }}
          searchable
          w={240}
          maw="100%"
        />
      ))}
    </Group>
  );
}

function Figures({ filter }: { filter: TeacherFilter }) {
  const { t } = useTranslation('performance');
  const query = useTeacherFiguresInfiniteQuery(filter);
  return (
    <Resource query={query}>
      {({ pages }) => {
        const all = pages.flatMap((page) => page.items);
        if (all.length === 0) return <Empty title={t('nothing')} icon={IconFilterOff} />;
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
  );
}
