import { Badge, Group, Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { GradingSchemas } from '@/shared/api/schemas';
import { decimal, percent } from '@/shared/format';

type Explained = GradingSchemas['Explanation'];

/** How a total came about, group by group and work by work. */
export function Explanation({ explained }: { explained: Explained }) {
  const { t } = useTranslation('gradebook');
  const { total, current, final } = explained;
  return (
    <Stack gap="lg">
      <Group gap="xl">
        <Figure title={t('total')} value={percent(total.total)} note={total.letter} />
        <Figure title={t('current')} value={percent(current.percent)} />
        <Figure title={t('final')} value={percent(final.percent)} />
        {total.overridden && <Badge variant="light">{t('overridden')}</Badge>}
      </Group>
      {current.groups.map((group) => (
        <WorkGroup key={group.key} group={group} works={explained.works} />
      ))}
      <Text size="xs" c="dimmed">
        {t('explained')}
      </Text>
    </Stack>
  );
}

function Figure({ title, value, note }: { title: string; value: string; note?: string | null }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {title}
      </Text>
      <Text fz="xl" fw={700}>
        {value} {note}
      </Text>
    </div>
  );
}

interface GroupProps {
  group: GradingSchemas['ExplainedGroup'];
  works: GradingSchemas['ExplainedWork'][];
}

function WorkGroup({ group, works }: GroupProps) {
  const { t } = useTranslation('gradebook');
  const items = new Map(group.items.map((item) => [item.assignment_id, item]));
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text fw={600}>{group.title}</Text>
        <Text size="sm" c="dimmed">
          {t('weight', { weight: decimal(group.weight) })} · {percent(group.percent)}
        </Text>
      </Group>
      <Table withRowBorders={false} verticalSpacing={4} fz="sm">
        <Table.Tbody>
          {works
            .filter((work) => work.group === group.key)
            .map((work) => (
              <Table.Tr key={work.assignment_id}>
                <Table.Td>{work.title}</Table.Td>
                <Table.Td c="dimmed">
                  {work.score === null
                    ? t(`look.${work.state}`)
                    : t('scored', { score: decimal(work.score), max: decimal(work.max_score) })}
                  {work.submissions.some((one) => Number(one.deduction) > 0) && ` · ${t('lateDeducted')}`}
                </Table.Td>
                <Table.Td ta="right" td={items.get(work.assignment_id)?.dropped ? 'line-through' : undefined}>
                  {percent(work.counted)}
                </Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
