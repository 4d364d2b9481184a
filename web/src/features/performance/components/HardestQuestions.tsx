import { Anchor, Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { GradingSchemas } from '@/shared/api/schemas';
import { percent } from '@/shared/format';
import { TableCard } from './TableCard';

/** The questions of a classroom that the fewest got right, with the way to their quiz's analysis. */
export function HardestQuestions({ questions }: { questions: GradingSchemas['HardQuestion'][] }) {
  const { t } = useTranslation('performance');
  if (questions.length === 0) return null;
  return (
    <TableCard
      title={t('hardest')}
      head={
        <>
          <Table.Th>{t('question')}</Table.Th>
          <Table.Th>{t('quiz')}</Table.Th>
          <Table.Th ta="right">{t('attempts')}</Table.Th>
          <Table.Th ta="right">{t('facility')}</Table.Th>
        </>
      }
    >
      {questions.map((question) => (
        <Table.Tr key={question.question_id}>
          <Table.Td fw={550}>{question.title}</Table.Td>
          <Table.Td>
            <Anchor component={Link} to={`/quizzes/${question.assignment_id}/statistics`}>
              {question.quiz_title}
            </Anchor>
          </Table.Td>
          <Table.Td ta="right">{question.attempts}</Table.Td>
          <Table.Td ta="right">{percent(100 * Number(question.facility))}</Table.Td>
        </Table.Tr>
      ))}
    </TableCard>
  );
}
