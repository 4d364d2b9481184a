import { Anchor, Badge, Group, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { MoreButton } from '@/shared/components/MoreButton';
import { Resource } from '@/shared/components/Resource';
import { percent } from '@/shared/format';
import { useAtRiskInfiniteQuery } from '../api';
import { TableCard } from './TableCard';

/** Who needs a teacher's attention, and why. */
export function StudentsAtRisk({ classroomId }: { classroomId: string }) {
  const { t } = useTranslation('performance');
  const query = useAtRiskInfiniteQuery(classroomId);
  return (
    <Resource query={query}>
      {({ pages }) => {
        const { at_risk, students, rules } = pages[0]!;
        const note = (
          <Text size="sm" c="dimmed" px="md" pb="xs">
            {t('atRiskOf', { count: at_risk, students })}
          </Text>
        );
        return (
          <TableCard
            title={t('atRisk')}
            note={note}
            head={
              at_risk > 0 && (
                <>
                  <Table.Th>{t('student')}</Table.Th>
                  <Table.Th ta="right">{t('missing')}</Table.Th>
                  <Table.Th ta="right">{t('average')}</Table.Th>
                </>
              )
            }
            more={<MoreButton query={query} />}
          >
            {pages
              .flatMap(({ items }) => items)
              .map((one) => (
                <Table.Tr key={one.student_id}>
                  <Table.Td>
                    <Anchor
                      component={Link}
                      to={`/classrooms/${classroomId}/students/${one.student_id}`}
                      c="inherit"
                      fw={550}
                    >
                      {one.name ?? t('unknown')}
                    </Anchor>
                    <Group gap={6} mt={4}>
                      {one.reasons.map((reason) => (
                        <Badge
                          key={reason}
                          variant="light"
                          color="orange"
                          autoContrast
                          title={t(`why.${reason}`, { ...rules })}
                        >
                          {t(`reason.${reason}`)}
                        </Badge>
                      ))}
                    </Group>
                  </Table.Td>
                  <Table.Td ta="right">{t('missingOf', { missing: one.missing, due: one.due })}</Table.Td>
                  <Table.Td ta="right" fw={550}>
                    {percent(one.average)}
                  </Table.Td>
                </Table.Tr>
              ))}
          </TableCard>
        );
      }}
    </Resource>
  );
}
