import '@mantine/charts/styles.layer.css';
import { BarChart, LineChart } from '@mantine/charts';
import { Card, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { GradingSchemas } from '@/shared/api/schemas';
import { monthOf, percent } from '@/shared/format';

interface Bar {
  name: string;
  percent: number;
}

/** Percents by name, 0 to 100; the table beside it says the same in figures. */
export function PercentBars({ title, bars }: { title: string; bars: Bar[] }) {
  const { t } = useTranslation('performance');
  if (bars.length === 0) return null;
  return (
    <Card>
      <Title order={2} mb="md">
        {title}
      </Title>
      <div role="img" aria-label={bars.map((bar) => `${bar.name}: ${percent(bar.percent)}`).join(', ')}>
        <BarChart
          h={Math.max(150, bars.length * 42 + 40)}
          data={bars}
          dataKey="name"
          orientation="vertical"
          yAxisProps={{ width: 130 }}
          xAxisProps={{ domain: [0, 100], ticks: [0, 25, 50, 75, 100], interval: 0 }}
          valueFormatter={percent}
          series={[{ name: 'percent', label: t('average'), color: 'leaf.6' }]}
          gridAxis="x"
          barChartProps={{ margin: { right: 24 } }}
          barProps={{ radius: 4, isAnimationActive: false }}
        />
      </div>
    </Card>
  );
}

interface TrendProps {
  months: GradingSchemas['Month'][];
  /** Inside another card. */
  bare?: boolean;
}

/** How the average moved, month by month. */
export function Trend({ months, bare = false }: TrendProps) {
  const { t } = useTranslation('performance');
  const points = months
    .filter((month) => month.quiz_average !== null)
    .map((month) => ({ month: monthOf(month.month), percent: Number(month.quiz_average) }));
  if (points.length < 2) return null;
  const chart = (
    <div role="img" aria-label={points.map((point) => `${point.month}: ${percent(point.percent)}`).join(', ')}>
      <LineChart
        h={bare ? 150 : 220}
        data={points}
        dataKey="month"
        series={[{ name: 'percent', label: t('average'), color: 'leaf.6' }]}
        yAxisProps={{ domain: [0, 100] }}
        valueFormatter={percent}
        lineProps={{ isAnimationActive: false }}
      />
    </div>
  );
  if (bare) return chart;
  return (
    <Card>
      <Title order={2} mb="md">
        {t('trend')}
      </Title>
      {chart}
    </Card>
  );
}

/** How many results lie in each tenth, and where the quarters end. */
export function Histogram({ distribution }: { distribution: GradingSchemas['Distribution'] }) {
  const { t } = useTranslation('performance');
  const counts = distribution.histogram;
  const step = 100 / Math.max(counts.length, 1);
  const data = counts.map((count, index) => ({
    range: `${Math.round(index * step)}–${Math.round((index + 1) * step)}`,
    count,
  }));
  if (counts.every((count) => count === 0)) return null;
  return (
    <Card>
      <Title order={2}>{t('distribution')}</Title>
      <Text size="sm" c="dimmed">
        {t('distributionText')}
      </Text>
      <Text size="sm" c="dimmed" mb="md">
        {t('quartiles', {
          lower: percent(distribution.lower_quartile),
          upper: percent(distribution.upper_quartile),
          lowest: percent(distribution.lowest),
          highest: percent(distribution.highest),
        })}
      </Text>
      <div role="img" aria-label={data.map((one) => `${one.range} %: ${one.count}`).join(', ')}>
        <BarChart
          h={220}
          data={data}
          dataKey="range"
          series={[{ name: 'count', label: t('results'), color: 'navy.5' }]}
          yAxisProps={{ allowDecimals: false, width: 36 }}
          barProps={{ radius: 4, isAnimationActive: false }}
        />
      </div>
    </Card>
  );
}
