import { Anchor, Badge, Progress, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { GradingSchemas } from '@/shared/api/schemas';
import { decimal, percent, shortDate } from '@/shared/format';
import { TableCard } from './TableCard';

// On phones there is no bar before the number.
const AT_ITS_NUMBER = { base: 'right', sm: 'left' } as const;

/** A percent as a bar and in figures. */
function PercentCell({ value }: { value: string | null }) {
  const { t } = useTranslation('performance');
  return (
    <div style={{ display: 'flex', alignItems: 'center', justifyContent: 'flex-end', gap: 10 }}>
      <Progress value={Number(value ?? 0)} flex={1} miw={60} radius="xl" visibleFrom="sm" aria-label={t('average')} />
      <Text size="sm" fw={550} w={58} ta="right" style={{ whiteSpace: 'nowrap' }}>
        {percent(value)}
      </Text>
    </div>
  );
}

interface Row {
  id: string;
  name: string;
  to?: string;
  results: number;
  average: string | null;
}

/** Who or what, how many results, which average. */
export function Averages({
  title,
  head,
  rows,
  children,
}: {
  title: string;
  head: string;
  rows: Row[];
  children?: React.ReactNode;
}) {
  const { t } = useTranslation('performance');
  return (
    <TableCard
      title={title}
      head={
        <>
          <Table.Th>{head}</Table.Th>
          <Table.Th ta="right">{t('results')}</Table.Th>
          <Table.Th ta={AT_ITS_NUMBER}>{t('average')}</Table.Th>
        </>
      }
      more={children}
    >
      {rows.map((row) => (
        <Table.Tr key={row.id}>
          <Table.Td>
            {row.to ? (
              <Anchor component={Link} to={row.to} c="inherit" fw={550}>
                {row.name}
              </Anchor>
            ) : (
              row.name
            )}
          </Table.Td>
          <Table.Td ta="right">{row.results}</Table.Td>
          <Table.Td>
            <PercentCell value={row.average} />
          </Table.Td>
        </Table.Tr>
      ))}
    </TableCard>
  );
}

type Topic = GradingSchemas['Topic'];

/** Each topic's average, with the way into it. */
export function TopicAverages({ topics, to }: { topics: Topic[]; to?: (topicId: string) => string }) {
  const { t } = useTranslation('performance');
  const known = topics.filter((topic) => topic.all_results > 0);
  if (known.length === 0) return null;
  return (
    <Averages
      title={t('topics')}
      head={t('topic')}
      rows={known.map((topic) => ({
        id: topic.topic_id ?? 'none',
        name: topic.title ?? t('noTopic'),
        to: topic.topic_id && to ? to(topic.topic_id) : undefined,
        results: topic.all_results,
        average: topic.average,
      }))}
    />
  );
}

interface ResultsProps {
  results: GradingSchemas['Result'][];
  /** One's own: a quiz leads to its figures. */
  own?: boolean;
}

/** Every result of one student. */
export function Results({ results, own = false }: ResultsProps) {
  const { t } = useTranslation('performance');
  return (
    <TableCard
      title={t('assignments')}
      minWidth={300}
      head={
        <>
          <Table.Th>{t('assignment')}</Table.Th>
          <Table.Th visibleFrom="xs">{t('due')}</Table.Th>
          <Table.Th ta="right">{t('score')}</Table.Th>
          <Table.Th ta={AT_ITS_NUMBER}>{t('percent')}</Table.Th>
        </>
      }
    >
      {results.map((one) => (
        <Table.Tr key={one.assignment_id}>
          <Table.Td>
            <Anchor component={Link} to={placeOf(one, own)} c="inherit" fw={550}>
              {one.title}
            </Anchor>
            {one.late && (
              <Badge ml="xs" size="sm" variant="light" color="orange">
                {t('late')}
              </Badge>
            )}
          </Table.Td>
          <Table.Td visibleFrom="xs">{one.due_at ? shortDate(one.due_at) : '–'}</Table.Td>
          <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
            {one.score === null ? '–' : `${decimal(one.score)} / ${decimal(one.max_score)}`}
          </Table.Td>
          <Table.Td>
            <PercentCell value={one.percent} />
          </Table.Td>
        </Table.Tr>
      ))}
    </TableCard>
  );
}

const placeOf = ({ assignment_id, kind }: GradingSchemas['Result'], own: boolean) =>
  own && kind === 'quiz' ? `/performance/quizzes/${assignment_id}` : `/assignments/${assignment_id}`;
